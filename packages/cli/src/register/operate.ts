/** Commands that check and mend. */
import { type Command, Option } from 'commander';
import { lettersPerSecond } from '../arguments.ts';
import { CliError } from '../errors.ts';
import type { InspectTarget } from '../inspect.ts';
import { data, json, url, urlOrNone } from './options.ts';

export function registerOperate(program: Command): void {
  program.commandsGroup('Operate:');
  registerDeadLetters(program);

  program
    .command('verify')
    .description('read the whole log and every document, and check what is promised; exits 1 with what it found')
    .addOption(urlOrNone())
    .addOption(data())
    .addOption(json('{ok, events, documents, violations: [{rule, where, detail}]}'))
    .action(async (_, command) => (await import('../commands/verify.ts')).verify(asked(command)));

  program
    .command('digest')
    .description('per kind, a hash of what two runs over the same calls must agree on')
    .addOption(urlOrNone())
    .addOption(data())
    .addOption(json('{kinds: {calls: {count, digest}, …}}'))
    .action(async (_, command) => (await import('../commands/digest.ts')).digest(asked(command)));

  program
    .command('rebuild')
    .description('build a projection anew from the log, beside the one that answers, and switch over')
    .argument('<projection>', 'live-metrics')
    .addOption(url())
    .addOption(json())
    .action(async (projection, options) => (await import('../commands/rebuild.ts')).rebuild(projection, options));

  registerTopics(program);
  registerIndexes(program);
  registerOffsets(program);
  registerMigrate(program);
}

function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      'move a stopped installation from its folder to Kafka and MongoDB: log, documents, timers, places of consumers; may be broken off and run again',
    )
    .requiredOption('--from <dir>', 'data folder; no platform may run on it')
    .addOption(new Option('--to <kind>', 'where to').choices(['kafka']).makeOptionMandatory())
    .option('--dry-run', 'only look at both sides, and say what would be moved')
    .option('--brokers <list>', 'host:port,…; default: KAFKA_BROKERS')
    .option('--uri <uri>', 'default: MONGODB_URI, where a password is better kept')
    .option('--replication <n>', 'as of `topics apply`')
    .option('--min-insync <n>', 'as of `topics apply`')
    .addOption(json('{ok, applied, records, copied, documents, marks, groups, waiting, topics, digest, seconds}'))
    .action(async (options) => (await import('../commands/migrate.ts')).migrate(options));
}

function registerTopics(program: Command): void {
  program
    .command('topics')
    .description('the topics of an installation on Kafka: apply')
    .command('apply')
    .description('make the declared topics, and change settings that differ; never deletes, never changes partitions')
    .option('--dry-run', 'only say what differs')
    .option('--brokers <list>', 'host:port,…; default: KAFKA_BROKERS')
    .option('--replication <n>', "copies of each partition; default: KAFKA_REPLICATION_FACTOR, else the brokers' own")
    .option(
      '--min-insync <n>',
      "copies that must have a record before it is acknowledged; default: KAFKA_MIN_INSYNC_REPLICAS, else 2 of 3 or more, else the brokers' own",
    )
    .addOption(json('{ok, applied, topics, changes: [{topic, action, differences: [{setting, from, to}]}]}'))
    .action(async (options) => (await import('../commands/topics.ts')).apply(options));
}

/** Who names a folder means that folder, whatever the environment says of a platform. @throws CliError ARGUMENT_INVALID */
function asked(command: Command): InspectTarget & { readonly json?: boolean } {
  const { url: _, ...rest } = command.opts<InspectTarget & { json?: boolean }>();
  if (command.getOptionValueSource('data') !== 'cli') return command.opts();
  if (command.getOptionValueSource('url') !== 'cli') return rest;
  throw new CliError('ARGUMENT_INVALID', '--data and --url name two places; give one of them.');
}

function registerOffsets(program: Command): void {
  program
    .command('offsets')
    .description('places of consumer groups on Kafka: reset')
    .command('reset')
    .description(
      'set the places of a group that are not in the log any more (LOG_OFFSET_OUT_OF_RANGE); without --yes it only says what that would skip or repeat',
    )
    .argument('<group>', 'name of the service, or of another group; none of its members may run')
    .requiredOption('--topic <topic>', 'of this topic')
    .addOption(
      new Option('--to <place>', 'first: the oldest record that is kept; end: what comes from now on')
        .choices(['first', 'end'])
        .makeOptionMandatory(),
    )
    .option('--all', 'also the places that are in the log')
    .option('--yes', 'do it')
    .option('--brokers <list>', 'host:port,…; default: KAFKA_BROKERS')
    .addOption(json('{applied, group, topic, partitions: [{partition, from, to, gone, skipped, repeated}]}'))
    .action(async (group, options) => (await import('../commands/offsets.ts')).reset(group, options));
}

function registerIndexes(program: Command): void {
  program
    .command('indexes')
    .description('the indexes of an installation on MongoDB: apply')
    .command('apply')
    .description('make and fill the declared indexes that are missing, before a release is rolled out; never drops any')
    .option('--dry-run', 'only say what is missing')
    .option('--uri <uri>', 'default: MONGODB_URI, where a password is better kept')
    .addOption(json('{ok, applied, collections, changes: [{collection, index, fields, documents}]}'))
    .action(async (options) => (await import('../commands/indexes.ts')).apply(options));
}

const CODES = "parked for this reason, or one of several, by commas; 'EVENT_*' is all that begin so";

function registerDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('messages that could not be handled: list, show, replay, discard');

  letters
    .command('list')
    .description('parked messages, newest first')
    .addOption(new Option('--status <status>', 'which').choices(['open', 'replayed', 'discarded']).default('open'))
    .option('--service <service>', 'of this service, generations of its projections included')
    .option('--code <codes>', CODES)
    .option('--aggregate <aggregate>', 'parked by this aggregate: collection/id')
    .addOption(url())
    .addOption(json('an array'))
    .action(async (options) => (await import('../commands/dead-letters.ts')).list(options));

  letters
    .command('show')
    .description('one of them, with the message as it came')
    .argument('<id>', 'as listed')
    .addOption(url())
    .addOption(json())
    .action(async (id, options) => (await import('../commands/dead-letters.ts')).show(id, options));

  choosing(
    letters
      .command('replay')
      .description(
        'handle again what is open; any number of replays has the effect of one; exits 1 while one stays open',
      ),
  ).action(async (id, options) => (await import('../commands/dead-letters.ts')).replay(id, options));

  choosing(
    letters
      .command('discard')
      .description('give up what is open')
      .requiredOption('--reason <reason>', 'why; kept with it'),
  ).action(async (id, options) => (await import('../commands/dead-letters.ts')).discard(id, options));
}

/** What services that have other work take by the way. */
const LETTERS_PER_SECOND = 50;

/** One, those of an aggregate, or all that a filter leaves. */
const choosing = (command: Command): Command =>
  command
    .argument('[id]', 'as listed; or one of:')
    .option('--aggregate <aggregate>', 'all of this aggregate: collection/id')
    .option('--all', 'all that are open')
    .option('--service <service>', 'with --all or --aggregate: of this service')
    .option('--code <codes>', `with --all or --aggregate: ${CODES}`)
    .option('--rate <letters per second>', 'or max', lettersPerSecond, LETTERS_PER_SECOND)
    .addOption(url())
    .addOption(json());
