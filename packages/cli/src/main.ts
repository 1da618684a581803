/** The `coachloop` command. Each command's work is loaded when it is called, so that `--help` costs nothing. */
import { Command } from 'commander';
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

await program.parseAsync().catch(explain);
