// `npm run servers`: what the services need of the outside, until Ctrl-C.

import type { ServerProcess } from './guarded.ts';
import { KAFKA_VARIABLE, openKafka } from './kafka/kafka.ts';
import { MONGO_VARIABLE, openMongo } from './mongo/mongo.ts';
import type { RunningServer } from './server.ts';

interface Opened {
  readonly server: RunningServer;
  /** Those that were started here, and are to stay. Containers are not among them: `docker ps` tells of those. */
  readonly processes: readonly ServerProcess[];
}

interface Wanted {
  /** The variable that names a running one, and that the services read. */
  readonly variable: string;
  open(say: (line: string) => void): Promise<Opened>;
}

const USAGE = `npm run -s servers > servers.env

Kafka and MongoDB for development: those that ${KAFKA_VARIABLE} and ${MONGO_VARIABLE} name, else containers where Docker answers, else
with a JDK 17 and Maven. Prints what services read from the environment. Where it has started one it runs until Ctrl-C; then the data go.
It takes no options.`;

const words = process.argv.slice(2);
if (words.length > 0) {
  console.error(
    words.includes('--help') ? USAGE : `servers: it takes no options; there is --help. Not known: ${words[0]}`,
  );
  process.exit(words.includes('--help') ? 0 : 2);
}

const wanted: readonly Wanted[] = [
  {
    variable: KAFKA_VARIABLE,
    async open(say) {
      const server = await openKafka({ say, lasting: true, preferredPorts: [9092] });
      return { server, processes: server.brokers };
    },
  },
  {
    variable: MONGO_VARIABLE,
    async open(say) {
      const server = await openMongo({ say, preferredPorts: [27017] });
      return { server, processes: server.node ? [server.node] : [] };
    },
  },
];

/** For a shell, which would otherwise end a URI at its first `&`. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const say = (line: string) => console.error(line);
const running: RunningServer[] = [];
let stopping: Promise<void> | undefined;

function stop(): Promise<void> {
  stopping ??= Promise.all(running.map((server) => server.stop())).then(() => undefined);
  return stopping;
}

/** Half of what was printed is of no use, and its data are gone with it. */
async function missed(variable: string, server: ServerProcess): Promise<void> {
  await server.ended();
  if (stopping) return;
  say(`${variable}: this server has ended, and nobody here ended it. The others are stopped too; start again.`);
  await stop();
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(130); // asked twice: what we started dies with us
    say('Stopping …');
    void stop().then(() => process.exit(0));
  });
}

/** All that is named and does not answer, before anything is started in vain. Opening what is named starts nothing. */
async function expectNamed(): Promise<void> {
  const named = wanted.filter(({ variable }) => process.env[variable]);
  const opened = await Promise.allSettled(named.map(({ open }) => open(say)));
  const reasons = opened.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  if (reasons.length > 0) throw new Error(reasons.map(({ message }) => message).join('\n'));
}

try {
  await expectNamed();
  for (const { variable, open } of wanted) {
    const { server, processes } = await open(say);
    running.push(server);
    for (const each of processes) void missed(variable, each);
    say(`${variable}: ${server.description}`);
  }
  console.log(wanted.map(({ variable }, i) => `export ${variable}=${quoted(running[i]?.address ?? '')}`).join('\n'));
  const [named, started] = [true, false].map((isNamed) =>
    wanted.filter(({ variable }) => Boolean(process.env[variable]) === isNamed).map(({ variable }) => variable),
  ) as [string[], string[]];
  if (started.length === 0) say(`Nothing was started: ${named.join(' and ')} name what is there.`);
  else {
    const rest =
      named.length === 0
        ? 'what was started, and its data go'
        : `what was started for ${started}, and its data go; what ${named} names is left alone`;
    say(`Ready. Ctrl-C stops ${rest}.`);
    setInterval(() => undefined, 1 << 30); // containers give us nothing to wait for
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  await stop();
  process.exitCode = 1;
}
