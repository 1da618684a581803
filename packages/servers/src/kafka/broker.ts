import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuardedProcess } from '../guarded.ts';
import type { Java } from '../java.ts';

/** Where in its folder a broker keeps its records. */
export const DATA = 'data';
const STOP_MS_MAX = 10_000;
const LOGGING = [
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
  readonly name: string;
}

/** One Kafka node in a Java process of its own, with faults to order. Its data stay over kill and start. */
export class Broker {
  readonly #o: BrokerOptions;
  #process: GuardedProcess | undefined;

  constructor(options: BrokerOptions) {
    this.#o = options;
  }

  async start(): Promise<void> {
    const { folder, properties, identity } = this.#o;
    const config = join(folder, 'server.properties');
    if (!existsSync(config)) {
      mkdirSync(join(folder, DATA), { recursive: true });
      writeFileSync(config, properties);
      // All that `kafka-storage format` would write, without a Java process of its own: the rest has defaults.
      writeFileSync(join(folder, DATA, 'meta.properties'), identity);
    }
    this.#process = this.#run('kafka.Kafka', config);
    await this.#process.ready(/Kafka Server started/);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** An orderly shutdown: hands its leaderships over first. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.#process?.signal('SIGKILL'), STOP_MS_MAX);
    await this.#end('SIGTERM');
    clearTimeout(late);
  }

  /** Freezes the process: its connections stay open and nobody answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#process?.signal(signal);
    await this.#process?.exited;
    this.#process = undefined;
  }

  #run(main: string, ...args: readonly string[]): GuardedProcess {
    const { java, jars, folder, name, lasting } = this.#o;
    const compiler = lasting ? [] : ['-XX:TieredStopAtLevel=1']; // half the CPU of a start
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', ...compiler, ...LOGGING, '-cp', join(jars, '*')];
    return new GuardedProcess({ name, command: java.command, args: [...jvm, main, ...args], folder });
  }
}
