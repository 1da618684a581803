import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GuardedProcess } from '../guarded.ts';
import type { Java } from '../java.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'stand-in', 'MongoStandIn.java');
const STOP_MS_MAX = 10_000;

export interface StandInOptions {
  readonly java: Java;
  readonly jars: string;
  readonly folder: string;
  readonly port: number;
}

/** A process that speaks MongoDB's protocol, with faults to order. Its data stay over kill and start. */
export class StandIn {
  readonly #o: StandInOptions;
  #process: GuardedProcess | undefined;

  constructor(options: StandInOptions) {
    this.#o = options;
  }

  async start(): Promise<void> {
    const { java, jars, folder, port } = this.#o;
    mkdirSync(folder, { recursive: true });
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-cp', join(jars, '*')];
    const args = [...jvm, SOURCE, join(folder, 'data.mv'), String(port)];
    this.#process = new GuardedProcess({ name: 'MongoDB stand-in', command: java.command, args, folder });
    await this.#process.ready(/^Ready on port/);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

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
}
