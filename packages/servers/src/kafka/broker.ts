import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuardedProcess, ServerProcess } from '../guarded.ts';
import type { Java } from '../java.ts';

/** Where in its folder a broker keeps its records. */
export const DATA = 'data';
const LOGGING = [
  '-Xlog:cds=off', // of an archive of classes that Java does not take: it goes on without
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // The line that says it is ready.
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  // Warns of every partition that moved while a broker was down.
  '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.storage.internals.log=error',
];

export interface BrokerOptions {
  readonly java: Java;
  readonly jars: string;
  readonly folder: string;
  readonly properties: string;
  /** The meta.properties of its data. */
  readonly identity: string;
  /** It will run for long and is to be fast, rather than to start quickly. */
  readonly lasting: boolean;
  /** More options of Java. */
  readonly jvm: readonly string[];
  readonly name: string;
}

/** One Kafka node in a Java process of its own, with faults to order. Its data stay over kill and start. */
export class Broker extends ServerProcess {
  readonly #o: BrokerOptions;

  constructor(options: BrokerOptions) {
    super();
    this.#o = options;
  }

  protected override launch() {
    const { folder, properties, identity } = this.#o;
    const config = join(folder, 'server.properties');
    if (!existsSync(config)) {
      mkdirSync(join(folder, DATA), { recursive: true });
      writeFileSync(config, properties);
      // All that `kafka-storage format` would write, without a Java process of its own: the rest has defaults.
      writeFileSync(join(folder, DATA, 'meta.properties'), identity);
    }
    return { process: this.#run('kafka.Kafka', config), ready: /Kafka Server started/ };
  }

  /** Runs a command of Kafka's to its end. Throws with what it said unless one of its lines is `success`. */
  async tool(success: RegExp, main: string, ...args: readonly string[]): Promise<void> {
    const command = this.#run(main, ...args);
    await command.ready(success);
    await command.exited;
  }

  #run(main: string, ...args: readonly string[]): GuardedProcess {
    const { java, jars, folder, name, lasting, jvm } = this.#o;
    const compiler = lasting ? [] : ['-XX:TieredStopAtLevel=1']; // half the CPU of a start
    const always = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', ...LOGGING, '-cp', join(jars, '*')];
    const all = [...compiler, ...jvm, ...always, main, ...args];
    return new GuardedProcess({ name, command: java.command, args: all, folder });
  }
}
