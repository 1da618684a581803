/** Now and then something happens to a process, a service, a group, or the clock. */
import type { NewRecord } from '@coachloop/event-log';
import { DISCARD_COMMAND, type LetterState, lettersCollection, REPLAY_COMMAND } from '@coachloop/runtime';
import type { FaultKind } from './faults.ts';
import type { SimProcess } from './process.ts';
import { Random } from './random.ts';
import type { Asked, Workload } from './workload.ts';
import type { World } from './world.ts';

const TICK_MS = 40;
const HOUR_MS = 3_600_000;
const LATE_TRIES = 8;

/** That a service is away for. */
interface Days {
  readonly service: string;
  readonly ms: number;
}

export class Torment {
  readonly #world: World;
  readonly #workload: Workload;
  readonly #random: Random;
  #replays = 0;
  /** That have not passed yet. */
  readonly #days = new Set<Days>();

  constructor(world: World, workload: Workload) {
    this.#world = world;
    this.#workload = workload;
    this.#random = new Random(world.seed, 'torment');
  }

  start(): void {
    const { faults, scheduler } = this.#world;
    const tick = () => {
      if (!faults.armed) return;
      this.#once();
      scheduler.after(TICK_MS, null, tick, true);
    };
    tick();
  }

  #once(): void {
    const { faults, fleet, scheduler } = this.#world;
    const random = this.#random;
    if (fleet.processes.length === 0) return;
    const process = random.pick(fleet.processes);
    const service = random.pick(this.#world.site.services).name;
    // Each says whether there was anything for it to happen to.
    const deeds: readonly [FaultKind, string, () => boolean | Promise<boolean>][] = [
      ['crash', process.name, () => fleet.crash(process, 'at any moment')],
      ['stall', process.name, () => fleet.stall(process, scheduler.now + random.between(20, 1_500))],
      ['sleeper', process.name, () => this.#sleep(process)],
      ['service-down', service, () => this.#down(service)],
      ['new-release', process.name, () => fleet.newRelease(process)],
      ['rebalance', service, () => this.#rebalance(service)],
      ['clock-jump', process.name, () => this.#jump(process)],
      ['old-duplicate', '', () => this.#duplicate()],
      ['replay-in-flight', service, async () => (await this.replay(service, random.between(1, 10))).length > 0],
    ];
    const deed = deeds.find(([kind]) => faults.due(kind));
    if (deed) void this.#do(deed);
  }

  async #do([kind, where, act]: readonly [FaultKind, string, () => boolean | Promise<boolean>]): Promise<void> {
    if (await act()) this.#world.faults.happened(kind, where);
  }

  /** Now, with nothing in hand as often as not; or in its next write, which is counted when it comes. */
  #sleep(process: SimProcess): boolean {
    if (this.#random.chance(0.5)) return this.#world.fleet.stall(process, Number.POSITIVE_INFINITY);
    process.drowsy = true;
    return false;
  }

  /** For days: they pass while nobody of it is there, before anybody may start it again. */
  #down(service: string): boolean {
    const { fleet, scheduler } = this.#world;
    const random = this.#random;
    const forMs = random.between(200, 1_500);
    if (!fleet.down(service, forMs)) return false;
    const days = { service, ms: random.between(6, 96) * HOUR_MS };
    this.#days.add(days);
    // Some of what it is to find when it comes back was there before they passed, some comes after.
    scheduler.after(forMs * 0.8 * random.next(), null, () => this.#pass(days), true);
    return true;
  }

  #pass(days: Days): void {
    if (!this.#days.delete(days)) return;
    this.#world.jump(days.ms);
    if (this.#world.fleet.isAway(days.service)) this.#world.faults.observed('days-away', days.service);
  }

  /** Whoever is away when the load ends comes back after days too. */
  letDaysPass(): void {
    for (const days of [...this.#days]) this.#pass(days);
  }

  /** As if a member had been thought dead for a moment. */
  #rebalance(service: string): boolean {
    const group = this.#world.log.group(service);
    if (group.members.length === 0) return false;
    const lost = this.#random.pick(group.members);
    if (!group.evict(lost)) return false;
    this.#world.scheduler.after(this.#random.between(1, 500), null, () => group.rejoin(lost), true);
    return true;
  }

  #jump(process: SimProcess): boolean {
    const random = this.#random;
    const hours = random.pick([-30, -2, -0.01, 0.01, 1, 20]);
    process.nowSkewMs = hours * HOUR_MS;
    this.#world.skewMsMax = Math.max(this.#world.skewMsMax, process.nowSkewMs);
    process.wallSkewMs = random.between(-5_000, 5_000);
    if (random.chance(0.3)) this.#world.jump(random.between(1, 72) * HOUR_MS);
    return true;
  }

  /** When everything has been handled for weeks. */
  duplicateLate(): void {
    const { faults } = this.#world;
    for (let n = 0; n < LATE_TRIES; n += 1)
      if (faults.due('late-duplicate') && this.#duplicate()) faults.happened('late-duplicate', '');
  }

  /** Somebody who was unsure publishes once more what has been in the log for long. */
  #duplicate(): boolean {
    const { log } = this.#world;
    const lanes = [...log.records].filter(([, records]) => records.length > 0);
    if (lanes.length === 0) return false;
    const [, records] = this.#random.pick(lanes);
    const from = this.#random.below(records.length);
    const again = records
      .slice(from, from + this.#random.between(1, 5))
      .flatMap(({ topic, key, headers, value }): NewRecord[] => (key === null ? [] : [{ topic, key, headers, value }]));
    void log.append(again);
    return again.length > 0;
  }

  /** An operator decides that some of the probe's messages will never be handled. */
  async discard(): Promise<void> {
    const letters = lettersCollection('probe');
    const ids = await this.#openLetters(letters);
    for (const stored of await this.#world.store.engine.load(letters, ids)) {
      if (!stored?.body.state) continue;
      const { letter } = stored.body.state as unknown as LetterState;
      if (letter?.collection !== 'probe-finals' || !this.#world.faults.due('discard')) continue;
      const { collection, aggregate: id, stream, seq } = letter;
      this.#world.faults.happened('discard', `${collection}/${id} ${stream}#${seq}`);
      const data = { stream, seq, reason: 'nobody misses it' };
      const key = `discard-${stream}-${seq}`;
      const command = { target: { collection, id }, type: DISCARD_COMMAND, data, key, laneKey: id };
      this.#workload.ask({ service: 'probe', command, letter: stored.id, answers: [] });
    }
  }

  /** An operator replays what is open; returns the letters. */
  async replay(service: string, most = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    const collection = lettersCollection(service);
    const open = await this.#openLetters(collection);
    for (const id of open.slice(0, most)) {
      this.#replays += 1;
      const asked: Asked = {
        service,
        command: {
          target: { collection, id },
          type: REPLAY_COMMAND,
          data: {},
          key: `replay-${this.#replays}`,
          laneKey: id,
        },
        letter: id,
        answers: [],
      };
      this.#workload.ask(asked);
    }
    return open;
  }

  async #openLetters(collection: string): Promise<readonly string[]> {
    const { engine } = this.#world.store;
    try {
      const page = await engine.query(collection, { index: 'by-status', equals: ['open'], limit: 1_000 });
      return page.documents.map(({ id }) => id);
    } catch {
      return []; // no process of this service has declared its collections yet
    }
  }
}
