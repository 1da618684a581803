import { expectAnswer } from '../answers.ts';
import { dockerAnswers } from '../docker.ts';
import { ServerError } from '../errors.ts';
import { canBring, readJarList } from '../jars.ts';
import type { Origin, RunningServer } from '../server.ts';
import { startMongoFromDocker } from './from-docker.ts';
import { findJavaCompiler, startStandIn } from './from-java.ts';
import type { StandIn } from './stand-in.ts';

export const MONGO_VARIABLE = 'MONGODB_URI';

export interface MongoServer extends RunningServer {
  /** To kill, freeze and start again. Undefined where the server is not ours to hurt, or runs in a container. */
  readonly node: StandIn | undefined;
}

export interface StartMongoOptions {
  /** Taken where it is free. */
  readonly preferredPorts?: readonly number[];
  /** In which folder that of its data is made; default: where temporary ones are. Not with Docker. */
  readonly within?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Gets a line of progress now and then. */
  readonly say?: (line: string) => void;
}

/** Where a MongoDB would come from here; undefined: nowhere. Starts nothing. */
export async function mongoOrigin(env: NodeJS.ProcessEnv = process.env): Promise<Origin | undefined> {
  if (env[MONGO_VARIABLE]) return 'environment';
  if (await dockerAnswers(env)) return 'docker';
  const [java, jars] = await Promise.all([findJavaCompiler(env), canBring(readJarList('mongo'), env)]);
  return java === undefined || !jars ? undefined : 'java';
}

/** The MongoDB that MONGODB_URI names, else one of our own. Throws `SERVER_…`. */
export async function openMongo(options: StartMongoOptions = {}): Promise<MongoServer> {
  const address = (options.env ?? process.env)[MONGO_VARIABLE];
  if (!address) return startMongo(options);
  const places = placesOf(address);
  if (places.length > 0) await expectAnswer(MONGO_VARIABLE, places);
  // Without user and password: this is printed.
  const hosts = address.replace(/^([^/]+\/\/)[^/@]*@/, '$1');
  const description = `MongoDB at ${hosts} (${MONGO_VARIABLE})`;
  return { address, description, node: undefined, stop: async () => undefined };
}

const MONGO_PORT = '27017';

/** Of `mongodb://user:password@host:port,…/…`; none of mongodb+srv://, whose servers are known to the DNS alone. */
function placesOf(uri: string): string[] {
  const [, hosts = ''] = /^mongodb:\/\/(?:[^/]*@)?([^/?]*)/.exec(uri) ?? [];
  return hosts
    .split(',')
    .filter((host) => host !== '')
    .map((host) => {
      if (/^%2f/i.test(host)) return decodeURIComponent(host); // the path of a socket
      return /:\d+$/.test(host) ? host : `${host}:${MONGO_PORT}`;
    });
}

/** A MongoDB of our own: a container where an engine answers, else the stand-in. */
export async function startMongo(options: StartMongoOptions = {}): Promise<MongoServer> {
  if (await dockerAnswers(options.env ?? process.env)) return startMongoFromDocker(options);
  return startMongoHere(options);
}

/** The stand-in as a process of this machine, which can be killed and frozen: for tests of faults. */
export async function startMongoHere(options: StartMongoOptions = {}): Promise<MongoServer> {
  const java = await findJavaCompiler(options.env ?? process.env);
  if (java === undefined) throw new ServerError('SERVER_NOT_AVAILABLE', 'There is no MongoDB to be had');
  return startStandIn(java, options);
}
