/** One simulated world: time, chance, log, store, processes, and the books that are kept of what really happened. */
import { Faults, type Limits } from './faults.ts';
import { Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { Random } from './random.ts';
import { SharedReader } from './reader.ts';
import { virtualMs } from './saves.ts';
import { Scheduler } from './scheduler.ts';
import { AS_SHIPPED, QUICK, type Site } from './services.ts';
import { LogServer } from './sim-log.ts';
import { StoreServer } from './sim-store.ts';

const START_MS = Date.UTC(2026, 4, 4, 8);
const TRACE_MAX = 20_000;
/** Of the seeds. */
const AS_SHIPPED_SHARE = 0.04;

export class World {
  readonly seed: number;
  readonly scheduler: Scheduler;
  /** Of the network and the interleaving. */
  readonly random: Random;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly reader = new SharedReader();
  readonly site: Site;
  readonly log: LogServer;
  readonly store: StoreServer;
  readonly fleet: Fleet;
  /** Domain ms per wall-clock ms. */
  readonly speed: number;
  /** Most records that are delivered at a time while things go wrong. */
  readonly batchMax: number;
  /** How long records may gather before they are delivered, virtual ms: with time, batches grow. */
  readonly lingerMs: number;
  /** Nothing goes wrong, and nobody is late: calls are answered at once. */
  calm = false;
  readonly trace: string[] = [];
  /** How far ahead of the others the clock of a process ever was, domain ms. */
  skewMsMax = 0;
  /** Domain time that was jumped over, ms. */
  #jumpedMs = 0;

  constructor(seed: number, limits: Limits) {
    this.seed = seed;
    this.site = new Random(seed, 'site').chance(AS_SHIPPED_SHARE) ? AS_SHIPPED : QUICK;
    this.random = new Random(seed, 'network');
    this.scheduler = new Scheduler(new Random(seed, 'ties'));
    this.faults = new Faults(seed, limits, (text) => this.note(text));
    this.speed = new Random(seed, 'speed').pick([600, 20_000, 100_000, 1_000_000]);
    this.batchMax = new Random(seed, 'batches').pick([2, 10, 40, 200]);
    this.lingerMs = new Random(seed, 'linger').pick([3, 3, 15, 60]);
    this.ledger = new Ledger(this);
    this.log = new LogServer(this);
    this.store = new StoreServer(this);
    this.fleet = new Fleet(this);
  }

  /** Domain time, ms. */
  now(): number {
    return START_MS + this.scheduler.now * this.speed + this.#jumpedMs;
  }

  /** Wall-clock time, ms. */
  wall(): number {
    return START_MS + this.scheduler.now;
  }

  /** Domain time that a moment of virtual time had or will have, if nothing is jumped over. */
  domainAt(virtualMs: number): number {
    return START_MS + virtualMs * this.speed;
  }

  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  /** How long a hop through the network takes, virtual ms. @param where whose, and about what */
  delay(where: string): number {
    const ms = this.random.next() * 3;
    return this.faults.hit('slow-call', where) ? ms + this.random.next() * 500 : ms;
  }

  /** How long a consumer takes to look again, virtual ms. */
  linger(where: string): number {
    const ms = this.random.next() * this.lingerMs;
    return this.faults.hit('slow-call', where) ? ms + this.random.next() * 500 : ms;
  }

  /** Time that passes while a call is half done. */
  pause(msMax = 20): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(this.random.next() * msMax, null, resolve);
    });
  }

  note(text: string): void {
    if (this.trace.length < TRACE_MAX) this.trace.push(`${virtualMs(this.scheduler.now)} ${text}`);
  }
}
