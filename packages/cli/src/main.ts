/** The `coachloop` command. Each command's work is loaded when it is called, so that `--help` costs nothing. */
import { Command, Option } from 'commander';
import { rate, whole } from './arguments.ts';
import { explain } from './explain.ts';
import { VERSION } from './version.ts';

const program = new Command('coachloop')
  .description(
    'Calls in, evaluations with evidence, training, re-evaluation. Data go to stdout, progress and logs to stderr.',
  )
  .version(VERSION)
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: false });

program
  .command('up')
  .description('run the whole platform in this process, on the embedded default')
  .option('--no-demo', 'start empty instead of with a demo centre')
  .option('--data <dir>', 'data folder (COACHLOOP_DATA); default: .coachloop/demo or .coachloop/data')
  .option('--port <number>', 'port (PORT); default 8080')
  .option('--host <host>', 'address to listen on (HOST); default 127.0.0.1')
  .option('--speed <factor>', "demo only: how many times faster the demo's clock runs", '480')
  .action(async (options) => (await import('./commands/up.ts')).up(options));

const url = () =>
  new Option('--url <url>', 'the running platform (COACHLOOP_URL)').default(
    process.env.COACHLOOP_URL ?? 'http://127.0.0.1:8080',
  );
const json = () => new Option('--json', 'one JSON document on stdout, for programs');

program
  .command('import')
  .description('import recordings (vCon) or events from files and folders; repeating it changes nothing')
  .argument('<path...>', 'files or folders: .json, .ndjson, .vcon')
  .addOption(new Option('--format <format>', 'what the files are').choices(['auto', 'vcon', 'events']).default('auto'))
  .option('--source <source>', 'CloudEvents source of the calls; part of their identity')
  .option('--open-cases', 'open cases although the calls are old')
  .addOption(url())
  .addOption(json())
  .action(async (paths, options) => (await import('./commands/import.ts')).importPaths(paths, options));

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
  .action(async (options) => (await import('./commands/simulate.ts')).simulate(options));

await program.parseAsync().catch(explain);
