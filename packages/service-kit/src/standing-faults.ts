/** Faults of work in the background that is tried again and again. */
import { type Clock, RuntimeError } from '@coachloop/runtime';
import { isAway } from './patience.ts';

export interface Fault {
  readonly error: string;
  /** Wall-clock ms of the first one since it went well. */
  readonly sinceMs: number;
}

/** Each is said once, until it is another one or has passed. */
export class StandingFaults {
  readonly #clock: Clock;
  readonly #say: (what: string, error: string) => void;
  readonly #standing = new Map<string, Fault>();

  constructor(clock: Clock, say: (what: string, error: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Log or store being away, and a kernel that takes no more, are told elsewhere, and pass by themselves. */
  note(what: string, error: unknown): void {
    if (isAway(error) || error instanceof RuntimeError) return;
    const text = textOf(error);
    const known = this.#standing.get(what);
    if (known?.error === text) return;
    this.#standing.set(what, { error: text, sinceMs: known?.sinceMs ?? this.#clock.wall() });
    this.#say(what, text);
  }

  passed(what: string): void {
    this.#standing.delete(what);
  }

  of(what: string): Fault | undefined {
    return this.#standing.get(what);
  }

  /** Runs it; what it throws is noted, and ends here. */
  async guard(what: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.passed(what);
    } catch (error) {
      this.note(what, error);
    }
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${error.code}: ${error.message}` : error.message;
}
