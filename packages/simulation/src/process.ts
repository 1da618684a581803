/** A process of the simulated system: it can die, stall and have a wrong clock; all that it sees of the world is late. */
import type { Clock, RunningService } from '@coachloop/runtime';
import type { FaultKind } from './faults.ts';
import type { Owner } from './scheduler.ts';
import type { World } from './world.ts';

/** Of calls to one port. `late`: the caller gave up, and the call has its effect long after. */
export interface CallKinds {
  readonly away: FaultKind;
  readonly answerLost: FaultKind;
  readonly late: FaultKind;
  readonly error: () => Error;
}

/** What others see of it. */
const WRITES = /^(save|append) /;

export class SimProcess implements Owner {
  readonly name: string;
  readonly world: World;
  alive = true;
  stalledUntil = 0;
  /** It falls asleep in its next write, and learns what came of it when it wakes. */
  drowsy = false;
  /** It was a sleeper, is awake, and has changed nothing yet. */
  sleptLong = false;
  /** It was told to stop: it may answer yet, and does no more work. */
  leaving = false;
  /** Domain and wall clock, ms ahead of everybody else's. */
  nowSkewMs = 0;
  wallSkewMs = 0;
  running: RunningService | null = null;
  readonly clock: Clock;

  constructor(name: string, world: World) {
    this.name = name;
    this.world = world;
    this.clock = {
      now: () => Math.round(world.now() + this.nowSkewMs),
      wall: () => Math.round(world.wall() + this.wallSkewMs),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get stalled(): boolean {
    return this.stalledUntil > this.world.scheduler.now;
  }

  /** Reads what is so now; the answer comes later, when it may be so no more. */
  read<T>(kinds: CallKinds, where: string, effect: () => Promise<T>): Promise<T> {
    const { scheduler, faults } = this.world;
    const at = `${this.name} ${where}`;
    if (this.world.calm) return effect();
    return new Promise((resolve, reject) => {
      const answer = (run: () => void) => scheduler.after(this.world.delay(at), this, run, true);
      if (faults.hit(kinds.away, at)) return answer(() => reject(kinds.error()));
      effect().then(
        (value) => answer(() => resolve(value)),
        (error) => answer(() => reject(error)),
      );
    });
  }

  /** Changes something: request and answer each take their time, either may be lost, and the process may die meanwhile. */
  write<T>(kinds: CallKinds, where: string, effect: () => Promise<T>): Promise<T> {
    const { scheduler, faults, random } = this.world;
    const at = `${this.name} ${where}`;
    if (this.world.calm) return effect();
    if (this.drowsy && faults.armed && WRITES.test(where)) this.#fallAsleep(at);
    return new Promise((resolve, reject) => {
      const answer = (run: () => void) => scheduler.after(this.world.delay(at), this, run);
      if (faults.armed && faults.due('crash-in-call'))
        scheduler.after(random.below(6), this, () => {
          if (this.world.fleet.crash(this, 'in a call')) faults.happened('crash-in-call', at);
        });
      if (faults.hit(kinds.away, at)) return answer(() => reject(kinds.error()));
      if (faults.hit(kinds.late, at)) {
        scheduler.after(random.between(100, 4_000), null, () => void effect().catch(() => undefined));
        return scheduler.after(random.between(20, 500), this, () => reject(kinds.error()));
      }
      const arrives = () => {
        effect().then(
          (value) => {
            if (faults.hit(kinds.answerLost, at)) answer(() => reject(kinds.error()));
            else answer(() => resolve(value));
          },
          (error) => answer(() => reject(error)),
        );
      };
      // Where nothing goes wrong, requests arrive in the order in which they were made.
      if (faults.armed) scheduler.after(this.world.delay(at), null, arrives);
      else arrives();
    });
  }

  /** Something of it is there now for others to see, whether or not it hears of it. */
  wrote(where: string): void {
    if (!this.sleptLong) return;
    this.sleptLong = false;
    this.world.faults.observed('sleeper-wrote', `${this.name} ${where}`);
  }

  #fallAsleep(at: string): void {
    this.drowsy = false;
    const { faults, fleet } = this.world;
    if (!this.stalled && faults.happened('sleeper', at)) fleet.stall(this, Number.POSITIVE_INFINITY);
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        signal?.removeEventListener('abort', wake); // else each sleep leaves one there
        resolve();
      };
      // A little more or less each time, so that processes do not turn in step.
      this.world.scheduler.after(ms * (0.8 + 0.4 * this.world.random.next()), this, wake, true);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
