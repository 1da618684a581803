/** A process per service, as `coachloop service NAME` starts them, with what each has used of the processor. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchError } from '../errors.ts';
import type { Servers } from './servers.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.resolve('@coachloop/cli')));
/** Of the kernel's figures: USER_HZ, which is the same on every Linux. */
const TICKS_PER_SECOND = 100;
const READY = / is ready after /;
const LINES_KEPT = 20;

export class Instance {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited: Promise<unknown>;
  #lines = '';

  constructor(name: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#child = spawn(process.execPath, [MAIN, 'service', name, '--port', '0'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lines = `${this.#lines}${text}`.split('\n').slice(-LINES_KEPT).join('\n');
      if (READY.test(this.#lines)) this.#ready.resolve();
    });
    void this.#exited.then(() =>
      this.#ready.reject(new BenchError(`${name} ended before it was ready:\n${this.#lines}`)),
    );
    this.#ready.promise.catch(() => undefined); // whoever waits hears of it
  }

  /** @throws BenchError */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** User and system time of all its threads. @throws BenchError elsewhere than on Linux */
  get cpuSeconds(): number {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
      // The name, in brackets, may hold spaces; utime and stime are the 14th and 15th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      throw new BenchError(`The processor time of ${this.name} cannot be read: there is no /proc, or it has ended.`);
    }
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}

export class Installation {
  readonly #env: NodeJS.ProcessEnv;
  readonly instances = new Set<Instance>();
  readonly #atExit = () => {
    for (const instance of this.instances) void instance.end('SIGKILL');
  };

  private constructor({ brokers, mongoUri }: Servers) {
    const customerKey = 'b'.repeat(64);
    this.#env = {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME },
      ...{ KAFKA_BROKERS: brokers.join(','), MONGODB_URI: mongoUri, COACHLOOP_CUSTOMER_KEY: customerKey },
    };
    process.once('exit', this.#atExit); // interrupted: nothing may go on running
  }

  /** With topics and indexes, and nobody that uses them. */
  static async prepare(servers: Servers): Promise<Installation> {
    const installation = new Installation(servers);
    for (const what of ['topics', 'indexes'])
      await promisify(execFile)(process.execPath, [MAIN, what, 'apply'], { env: installation.#env });
    return installation;
  }

  /** Resolves when it is ready to work. */
  async add(name: string): Promise<Instance> {
    const instance = new Instance(name, this.#env);
    this.instances.add(instance);
    await instance.ready;
    return instance;
  }

  async end(instance: Instance, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await instance.end(signal);
    this.instances.delete(instance);
  }

  /** Of all that run now. */
  get cpuSeconds(): number {
    return [...this.instances].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#atExit);
    await Promise.all([...this.instances].map((instance) => this.end(instance, 'SIGKILL')));
  }
}
