/** The `coachloop` command. Each command's work is loaded when it is called, so that `--help` costs nothing. */
import { Command } from 'commander';
import { explain } from './explain.ts';
import { registerDescribe } from './register/describe.ts';
import { registerFeed } from './register/feed.ts';
import { registerLook } from './register/look.ts';
import { registerOperate } from './register/operate.ts';
import { registerRun } from './register/run.ts';
import { VERSION } from './version.ts';

// Whoever reads us may have seen enough (`coachloop events | head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  error.code === 'EPIPE' ? process.exit(0) : explain(error),
);
process.on('unhandledRejection', explain);

// Set to nothing, as shells and compose files do, is not set: else the data folder would be the one we stand in.
for (const name of ['COACHLOOP_URL', 'COACHLOOP_DATA', 'PORT', 'HOST'])
  if (process.env[name]?.trim() === '') delete process.env[name];

/** What whoever looks at a running platform sets. */
const LOOKING = ['COACHLOOP_URL', 'COACHLOOP_DATA'];

const program = new Command('coachloop')
  .description(
    'Calls in, evaluations with evidence, training, re-evaluation. Data go to stdout, progress and logs to stderr; the exit code is 0 only if all went well.',
  )
  .version(VERSION)
  .showHelpAfterError('Add --help to see what it takes.')
  .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
  .addHelpText(
    'after',
    `
Environment:
  COACHLOOP_URL   the running platform
  COACHLOOP_DATA  data folder
  PORT, HOST      where \`up\` listens

coachloop COMMAND --help says what a command takes.`,
  );

for (const register of [registerRun, registerFeed, registerLook, registerOperate, registerDescribe]) register(program);
program.commandsGroup('Help:').helpCommand('help [command]', 'what a command takes');

// Commander would show the help of all, and exit 0, for `coachloop misspelt --help`.
const [first] = process.argv.slice(2);
if (
  first !== undefined &&
  !first.startsWith('-') &&
  !['help', ...program.commands.map((each) => each.name())].includes(first)
)
  program.error(`error: unknown command '${first}'`);

// Those that read their settings refuse them as a whole; all others take a few by themselves, and would pass a misspelt one over.
program.hook('preAction', async () => {
  if (!Object.keys(process.env).some((name) => /^(COACHLOOP|KAFKA|MONGODB)_/.test(name) && !LOOKING.includes(name)))
    return;
  const { readSettings, unknownNames } = await import('./config/read.ts');
  if (unknownNames(process.env).length > 0) readSettings({ env: process.env }); // throws, and says what else is wrong
});

await program.parseAsync().catch(explain);
