/** The processes: several of each service, which die and are started again. */

import type { Message } from '@coachloop/contracts';
import {
  type CrashPoint,
  RunningService,
  type Faults as RuntimeFaults,
  type ServiceDefinition,
} from '@coachloop/runtime';
import { instrument } from './instrument.ts';
import { SimProcess } from './process.ts';
import { hashOf, Random } from './random.ts';
import { moment } from './saves.ts';
import type { World } from './world.ts';

const SESSION_MS = 300;

export class Fleet {
  readonly #world: World;
  readonly #random: Random;
  processes: SimProcess[] = [];
  /** Defects that make transitions fail are repaired from then on. */
  repaired = false;
  /** Services that nobody may start, until when (virtual ms). */
  readonly #downUntil = new Map<string, number>();
  #started = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 'fleet');
  }

  /** One to three of each service. @param most of each */
  startAll(most: number): void {
    for (const { name } of this.#world.site.services)
      for (let i = Math.min(most, this.#random.between(1, 3)); i > 0; i -= 1) this.start(name);
  }

  /** Of one service: those that are alive and awake. */
  awake(service: string): readonly SimProcess[] {
    return this.processes.filter((p) => p.alive && !p.stalled && p.running?.name === service);
  }

  start(service: string, release: 1 | 2 = 1): SimProcess {
    this.#started += 1;
    const process = new SimProcess(`${service}#${this.#started}`, this.#world);
    this.processes.push(process);
    void this.#run(process, service, release);
    return process;
  }

  async #run(process: SimProcess, service: string, release: 1 | 2): Promise<void> {
    const real = this.#world.site.services.find(({ name }) => name === service);
    if (!real) throw new Error(`There is no service ${service}.`);
    const definition = instrument(real, release, this.#world.ledger, (of, message) => this.#onTimer(of, message));
    const between = (from: number, to: number) => this.#random.between(from, to);
    const options = {
      log: this.#world.log.portOf(process),
      store: this.#world.store.portOf(process),
      clock: process.clock,
      reader: this.#world.reader,
      faults: this.#faultsOf(process),
      timersEveryMs: between(500, 2_500),
      sweepEveryMs: between(500, 3_000),
      sweepAfterMs: between(300, 2_000),
      flushEveryMs: between(200, 1_000),
      flushAfterMs: between(0, 500),
    };
    for (;;) {
      try {
        process.running = await RunningService.start(definition, options);
        return;
      } catch {
        await process.clock.sleep(50); // as whoever supervises it would
      }
    }
  }

  #faultsOf(process: SimProcess): RuntimeFaults {
    const { faults, seed } = this.#world;
    const isTwice = faults.armed && faults.due('handled-twice');
    let isCounted = false;
    return {
      // Counted with the first batch: many a process never gets one.
      get deliveries() {
        isCounted ||= isTwice && faults.happened('handled-twice', process.name);
        return isCounted ? 2 : 1;
      },
      reached: (point: CrashPoint) => {
        if (point === 'spilled') return; // between two calls of a store: that is what `crash-in-call` does
        if (!process.alive || !faults.hit(`crash-${point}`, process.name)) return;
        this.crash(process, `when ${point}`);
        return new Promise(() => {}); // it does not live to see it
      },
      fails: (cause) => {
        if (faults.hit('transition-fails-once', cause)) return true;
        if (this.repaired || hashOf(`${seed}|${cause}`) / 2 ** 32 >= faults.rateOf('transition-fails')) return false;
        return faults.happened('transition-fails', cause);
      },
    };
  }

  /** False: it is dead already. */
  crash(process: SimProcess, why: string): boolean {
    if (!process.alive) return false;
    process.alive = false;
    const service = serviceOfProcess(process);
    this.#world.note(`${process.name} dies ${why}`);
    this.processes = this.processes.filter((each) => each !== process);
    const { scheduler } = this.#world;
    const group = this.#world.log.group(service);
    scheduler.after(this.#random.between(10, SESSION_MS), null, () => group.leave(process), true);
    const release = this.#random.chance(0.5) && this.#releases.has(service) ? 2 : 1;
    this.#restartLater(service, release, this.#random.between(10, 800));
    return true;
  }

  /** Not while nobody may start it: also where that was decided after the restart. */
  #restartLater(service: string, release: 1 | 2, afterMs: number): void {
    const { scheduler } = this.#world;
    const restart = () => {
      const downMs = (this.#downUntil.get(service) ?? 0) - scheduler.now;
      if (downMs > 0) this.#restartLater(service, release, downMs);
      else this.start(service, release);
    };
    scheduler.after(afterMs, null, restart, true);
  }

  /** Nothing of it runs for a while; the group takes its partitions away after its session has run out. */
  stall(process: SimProcess, untilMs: number): boolean {
    const { scheduler, log } = this.#world;
    if (process.stalled) return false;
    process.stalledUntil = untilMs;
    const group = log.group(serviceOfProcess(process));
    scheduler.after(SESSION_MS, null, () => process.stalled && group.evict(process), true);
    if (Number.isFinite(untilMs))
      scheduler.after(
        untilMs - scheduler.now,
        null,
        () => process.stalledUntil === untilMs && this.#wake(process),
        true,
      );
    return true;
  }

  readonly #releases = new Set<string>();

  /** One of its processes is replaced by one of the next release; the others stay as they are. */
  newRelease(process: SimProcess): boolean {
    if (process.leaving) return false;
    const service = serviceOfProcess(process);
    this.#releases.add(service);
    process.leaving = true;
    void process.running?.stop();
    this.start(service, 2);
    // Whoever stops it does not wait for ever.
    this.#world.scheduler.after(6_000, null, () => this.#retire(process), true);
    return true;
  }

  #retire(process: SimProcess): void {
    if (!process.alive) return;
    process.alive = false;
    this.processes = this.processes.filter((each) => each !== process);
    this.#world.log.group(serviceOfProcess(process)).leave(process);
  }

  /** All of its processes die, and stay away; false: they do so already. */
  down(service: string, forMs: number): boolean {
    const { now } = this.#world.scheduler;
    if ((this.#downUntil.get(service) ?? 0) > now) return false;
    this.#downUntil.set(service, now + forMs);
    for (const process of [...this.processes])
      if (serviceOfProcess(process) === service) this.crash(process, 'for long');
    return true;
  }

  isAway(service: string): boolean {
    return this.processes.every((process) => serviceOfProcess(process) !== service);
  }

  /** So that there is somebody to finish the work. */
  ensureAll(): void {
    this.#downUntil.clear();
    for (const { name } of this.#world.site.services) if (!this.#worker(name)) this.start(name);
  }

  /** One that goes on working, if there is any. */
  #worker(service: string): SimProcess | undefined {
    return this.awake(service).findLast(({ leaving }) => !leaving);
  }

  setClocks(): void {
    for (const process of this.processes) process.nowSkewMs = 0;
  }

  /** Where nothing goes wrong any more, one process of each service does what several would do with more looks at nothing. */
  retireMost(): void {
    for (const [service, list] of Map.groupBy(this.processes, serviceOfProcess)) {
      const worker = this.#worker(service);
      for (const process of list) if (worker && process !== worker && !isSleeper(process)) this.#retire(process);
    }
  }

  /** Those that would wake by themselves, and a share of the sleepers; returns how many. */
  wake(share: number): number {
    const woken = this.processes.filter((process) =>
      isSleeper(process) ? this.#random.chance(share) : process.stalled,
    );
    for (const process of woken) this.#wake(process);
    return woken.length;
  }

  #wake(process: SimProcess): void {
    process.sleptLong ||= isSleeper(process);
    process.stalledUntil = 0;
    this.#world.scheduler.wake(process);
    this.#world.log.group(serviceOfProcess(process)).rejoin(process);
  }

  /** A timer may fire only when what was appended before its time has been handled. */
  #onTimer({ name, consumes }: ServiceDefinition, message: Message): void {
    const lane = this.#world.ledger.laneOfTimer(message.source);
    if (lane === undefined) return;
    for (const topic of [...Object.keys(consumes), `${name}.retry`]) {
      const records = this.#world.log.lane(`${topic}/${lane}`);
      const done = this.#world.log.group(name).handledUpTo(`${topic}/${lane}`);
      const missed = records.slice(done).find(({ timestampMs }) => timestampMs < message.time - this.#world.skewMsMax);
      if (missed)
        this.#world.ledger.violation(
          `timer-too-early: ${message.id} of ${message.source} fires at ${moment(message.time)}, and ${topic}/${lane}/${missed.offset} of ${moment(missed.timestampMs)} was not handled`,
        );
    }
  }
}

/** It wakes when everybody else is done. */
const isSleeper = ({ stalledUntil }: SimProcess): boolean => stalledUntil === Number.POSITIVE_INFINITY;

export const serviceOfProcess = ({ name }: SimProcess): string => name.slice(0, name.lastIndexOf('#'));
