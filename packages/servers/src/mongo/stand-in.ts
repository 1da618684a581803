import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GuardedProcess, ServerProcess } from '../guarded.ts';
import type { Java } from '../java.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'stand-in', 'MongoStandIn.java');

export interface StandInOptions {
  readonly java: Java;
  readonly jars: string;
  readonly folder: string;
  readonly port: number;
}

/** A process that speaks MongoDB's protocol, with faults to order. Its data stay over kill and start. */
export class StandIn extends ServerProcess {
  readonly #o: StandInOptions;

  constructor(options: StandInOptions) {
    super();
    this.#o = options;
  }

  protected override launch() {
    const { java, jars, folder, port } = this.#o;
    mkdirSync(folder, { recursive: true });
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-cp', join(jars, '*')];
    const args = [...jvm, SOURCE, join(folder, 'data.mv'), String(port)];
    const process = new GuardedProcess({ name: 'MongoDB stand-in', command: java.command, args, folder });
    return { process, ready: /^Ready on port/ };
  }
}
