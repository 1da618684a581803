/** Commands that run something. */
import type { Command } from 'commander';
import { whole } from '../arguments.ts';
import { PROCESSES } from '../processes.ts';
import { json } from './options.ts';

const SPEED = 'how many times faster than real time the clock runs';

export function registerRun(program: Command): void {
  program.commandsGroup('Run:');

  program
    .command('up')
    .description('run the whole platform in this process, on the embedded default')
    .option('--no-demo', 'start empty instead of with a demo centre')
    .option('--data <dir>', 'data folder (COACHLOOP_DATA); default: .coachloop/demo or .coachloop/data')
    .option('--port <number>', 'port (PORT); 0: any free one; default 8080')
    .option('--host <host>', 'address to listen on (HOST); default 127.0.0.1')
    .option('--speed <factor>', `demo only: ${SPEED}`, '240')
    .action(async (options) => (await import('../commands/up.ts')).up(options));

  program
    .command('service')
    .description(
      'run one service in this process, on KAFKA_BROKERS and MONGODB_URI; the console is the front door to all',
    )
    .argument(
      '<name>',
      `${PROCESSES.map(({ name }) => name).join(', ')}; several, separated by commas, share the process`,
    )
    .option('--port <number>', 'port (PORT); 0: any free one; default: one for each service')
    .option('--host <host>', 'address to listen on (HOST); default 127.0.0.1')
    .action(async (name, options) => (await import('../commands/service.ts')).service(name, options));

  program
    .command('replay')
    .description('run the platform on recordings of your own, played by a dozen agents along a running clock')
    .argument('<dir>', 'folder (or file) of vCon recordings: .json, .ndjson, .vcon')
    .option('--agents <n>', 'how many agents share the recordings', whole(1, 1_000), 12)
    .option('--rounds <n>', 'how often all of them are played', whole(1, 1_000), 3)
    .option('--speed <factor>', SPEED, '240')
    .option('--data <dir>', 'data folder; default: .coachloop/replay')
    .option('--port <number>', 'port (PORT); 0: any free one; default 8080')
    .option('--url <url>', 'feed this running platform, on its clock, instead of starting one')
    .addOption(json('one JSON document at the end; with --url only, since a platform started here goes on'))
    .action(async (dir, options) => (await import('../commands/replay.ts')).replay(dir, options));

  const site = program
    .command('site')
    .description('forms, rules, courses and notices of your own: a folder that COACHLOOP_SITE names');
  site
    .command('init')
    .description('make such a folder, with copies of what is shipped')
    .argument('<folder>', 'new or empty')
    .action(async (folder) => (await import('../commands/site.ts')).init(folder));
  site
    .command('check')
    .description('read the folder as a start does, and say what is in force; exits 1 with what is wrong')
    .argument('[folder]', 'default: COACHLOOP_SITE, or what is shipped')
    .addOption(json('{files: [{name, from, says}], warnings}'))
    .action(async (folder, options) => (await import('../commands/site.ts')).check(folder, options));

  program
    .command('config')
    .description('every setting with its value and where it came from; secrets are hidden')
    .argument('[service]', 'as its process would start; default: as `up` would')
    .addOption(json('{command, settings: [{name, value, from}]}'))
    .action(async (service, options) => (await import('../commands/config.ts')).config(service, options));

  program
    .command('doctor')
    .description('check this machine, the data folder and the port; exits 1 when something is wrong')
    .option('--data <dir>', 'data folder (COACHLOOP_DATA); default: .coachloop/data')
    .option('--port <number>', 'port (PORT); default 8080')
    .option('--host <host>', 'address (HOST); default 127.0.0.1')
    .addOption(json())
    .action(async (options) => (await import('../commands/doctor.ts')).doctor(options));
}
