/** Commands that bring calls in. */
import { type Command, Option } from 'commander';
import { rate, whole } from '../arguments.ts';
import { json, url } from './options.ts';

export function registerFeed(program: Command): void {
  program.commandsGroup('Bring calls in:');

  program
    .command('import')
    .description('import recordings (vCon) or events; repeating it changes nothing; exits 1 when any was rejected')
    .argument('<path...>', 'files or folders: .json, .ndjson, .vcon')
    .addOption(
      new Option('--format <format>', 'what the files are').choices(['auto', 'vcon', 'events']).default('auto'),
    )
    .option('--source <source>', 'CloudEvents source of the calls; part of their identity')
    .option('--open-cases', 'open cases although the calls are old')
    .addOption(url())
    .addOption(json())
    .action(async (paths, options) => (await import('../commands/import.ts')).importPaths(paths, options));

  program
    .command('demo')
    .description('a demo centre calls the running platform, on its clock, and its agents learn; Ctrl-C stops it')
    .option('--agents <n>', 'how many agents', whole(1, 1_000), 24)
    .addOption(url())
    .action(async (options) => (await import('../commands/demo.ts')).demo(options));

  program
    .command('simulate')
    .description('send the calls of a synthetic centre; the same seed sends the same bytes')
    .option('--agents <n>', 'how many agents', whole(1, 100_000), 200)
    .option('--calls <n>', 'how many calls', whole(1, 100_000_000), 2_000)
    .option('--seed <n>', 'which centre', whole(0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--start <time>',
      'when its first calls begin, ISO 8601; default: a midnight from which all calls lie in the past',
    )
    .option('--rate <calls per second>', 'or max', rate, 'max')
    .option('--phrases <file>', 'what people say, instead of the built-in phrases')
    .option('--config <file>', 'levels, noise, effects; only what differs from the default')
    .option('--truth <file>', 'write what the simulator knows, as NDJSON')
    .addOption(url())
    .addOption(json())
    .action(async (options) => (await import('../commands/simulate.ts')).simulate(options));
}
