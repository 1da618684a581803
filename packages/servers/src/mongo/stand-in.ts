import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { GuardedProcess, ServerProcess } from '../guarded.ts';
import type { Java } from '../java.ts';

export interface StandInOptions {
  readonly java: Java;
  readonly classpath: readonly string[];
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
    const { java, classpath, folder, port } = this.#o;
    mkdirSync(folder, { recursive: true });
    const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-XX:TieredStopAtLevel=1'];
    const args = [...jvm, '-cp', classpath.join(delimiter), 'MongoStandIn', join(folder, 'data.mv'), String(port)];
    const process = new GuardedProcess({ name: 'MongoDB stand-in', command: java.command, args, folder });
    return { process, ready: /^Ready on port/ };
  }
}
