/** One place for a process of the installation: what runs there now, under which address, and what is being done to it. */
import { setTimeout } from 'node:timers/promises';
import { DrillError } from '../errors.ts';
import { type Armed, PlatformProcess } from '../process.ts';
import type { ProcessName } from '../schedule.ts';
import { Turn } from './turn.ts';

/** A busy machine may take long; and whoever starts while the broker is away waits for it. */
const READY_MS_MAX = 240_000;
/** The bound of a stop is 20 s (COACHLOOP_STOP_TIMEOUT_MS): whoever needs longer exits with another code. */
const STOP_MS_MAX = 40_000;

export interface MemberOptions {
  readonly service: ProcessName;
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly mutant: string | null;
  /** What tells it its clock, when that is wrong by so much. */
  readonly clockEnv: (ownMs: number) => Readonly<Record<string, string>>;
  readonly logFile: string;
  /** It ended, and nobody had asked it to. */
  readonly onDeath: (what: string) => void;
}

export class Member {
  readonly service: ProcessName;
  readonly name: string;
  readonly url: string;
  readonly #o: MemberOptions;
  #process: PlatformProcess | null = null;
  #isDoomed = false;
  #isDiscarded = false;
  /** It was taken out of the installation: nobody waits for it. */
  isRetired = false;
  #offsetMs = 0;
  readonly #turn = new Turn();

  constructor(options: MemberOptions) {
    this.#o = options;
    this.service = options.service;
    this.name = options.name;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.take(work);
  }

  /** `more`: environment of this launch alone. */
  launch(armed: Armed | null = null, more: Readonly<Record<string, string>> = {}): void {
    if (this.#isDiscarded) throw new Error(`${this.name} was discarded.`);
    const { service, port, env, mutant, clockEnv, logFile, name, onDeath } = this.#o;
    const process = new PlatformProcess({
      args: ['service', service, '--port', String(port)],
      env: { ...env, ...clockEnv(this.#offsetMs), ...more },
      armed,
      mutant,
      logFile,
    });
    this.#process = process;
    this.#isDoomed = armed !== null && armed.freezeMs === undefined;
    void process.ended.then(({ code, signal }) => {
      if (this.#process === process && !this.#isDoomed)
        onDeath(`${name} ended with exit code ${code}, ${signal}. It said: ${process.said}`);
    });
  }

  /** @throws DrillError */
  async ready(): Promise<void> {
    const process = this.#running;
    const end = await process.untilReady(this.url, READY_MS_MAX);
    if (end === null) return;
    const how = end === 'late' ? `${READY_MS_MAX} ms` : `exit code ${end.code}, ${end.signal}`;
    throw new DrillError('DRILL_NOT_READY', `${this.name}: ${how}. It said: ${process.said}`);
  }

  /** As `ready`, of one that is still there; but what somebody does to it, or begins to do meanwhile, they wait for themselves. @throws DrillError */
  async settled(): Promise<void> {
    const isOthers = () => this.#turn.isTaken || this.isRetired;
    if (isOthers()) return;
    try {
      await this.ready();
    } catch (error) {
      if (!isOthers()) throw error;
    }
  }

  async kill(): Promise<void> {
    this.#isDoomed = true;
    this.#running.signal('SIGKILL');
    await this.#running.ended;
  }

  /** SIGTERM. @throws DrillError where it does not end with 0 in its bound. */
  async stop(): Promise<void> {
    this.#isDoomed = true;
    const process = this.#running;
    process.signal('SIGTERM');
    const end = await Promise.race([process.ended, setTimeout(STOP_MS_MAX, null, { ref: false })]);
    if (end?.code === 0) return;
    const how = end ? `exit code ${end.code}, ${end.signal}` : 'too late';
    throw new DrillError('DRILL_NOT_STOPPED', `${this.name}: ${how}. It said: ${process.said}`);
  }

  /** Waits for a crash that is armed. False: it did not come in time, and it was killed. */
  async crashed(msMax: number): Promise<boolean> {
    const process = this.#running;
    const end = await Promise.race([process.ended, setTimeout(msMax, null, { ref: false })]);
    if (end?.signal === 'SIGKILL') return true;
    if (end)
      throw new DrillError(
        'DRILL_DIED',
        `${this.name}: exit code ${end.code}, ${end.signal}. It said: ${process.said}`,
      );
    await this.kill();
    return false;
  }

  /** Waits until one that is armed to freeze is awake again. False: it did not come to its point in time, and was frozen where it was. */
  async frozen(ms: number, msMax: number): Promise<boolean> {
    const process = this.#running;
    const isFrozen = await Promise.race([process.frozen, setTimeout(msMax, false, { ref: false })]);
    await (isFrozen ? Promise.race([process.awake, process.ended]) : process.freeze(ms));
    return isFrozen;
  }

  freeze(ms: number): Promise<void> {
    return this.#running.freeze(ms);
  }

  /** From the next launch on. */
  set offsetMs(ms: number) {
    this.#offsetMs = ms;
  }

  /** Nothing is started here any more. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    if (this.#process && !this.#process.end) await this.kill();
  }

  get #running(): PlatformProcess {
    if (!this.#process) throw new Error(`${this.name} was not started.`);
    return this.#process;
  }
}
