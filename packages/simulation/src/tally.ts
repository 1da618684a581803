/** Adds up what the seeds told, and says now and then how far they are: on stderr, so that stdout has the outcome alone. */
import type { Told } from './child.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';

const EVERY_MS = 5_000;

export class Tally {
  readonly failures: Told[] = [];
  readonly faults = new Map<FaultKind, number>();
  readonly rules = new Map<string, number>();
  readonly #seeds: number;
  readonly #startMs = performance.now();
  #lastMs = this.#startMs;
  #done = 0;
  /** All seeds before this one are done; of those after it, some. */
  #next: number;
  readonly #after = new Set<number>();
  #calls = 0;
  #events = 0;

  constructor(from: number, seeds: number) {
    this.#next = from;
    this.#seeds = seeds;
  }

  add(told: Told): void {
    this.#done += 1;
    this.#after.add(told.seed);
    while (this.#after.delete(this.#next)) this.#next += 1;
    this.#calls += told.calls;
    this.#events += told.events;
    for (const [kind, count] of told.faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
    for (const [rule, count] of told.rules) this.rules.set(rule, (this.rules.get(rule) ?? 0) + count);
    if (told.violations.length > 0) this.failures.push(told);
    if (performance.now() - this.#lastMs < EVERY_MS) return;
    this.#lastMs = performance.now();
    console.error(`${this.#line()}; to go on from here: --from ${this.#next}`);
  }

  lines(): readonly string[] {
    const kinds = FAULT_KINDS.map((kind) => `${kind} ${this.faults.get(kind) ?? 0}`);
    const rules = [...this.rules].toSorted().map(([rule, count]) => `${rule} ${count}`);
    return [this.#line(), `faults: ${kinds.join(', ')}`, `cases opened: ${rules.join(', ')}`];
  }

  get figures() {
    const seconds = Math.max(0.001, (performance.now() - this.#startMs) / 1_000);
    const faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, this.faults.get(kind) ?? 0]));
    const rates = { seedsPerSecond: this.#done / seconds, callsPerSecond: this.#calls / seconds };
    const rules = Object.fromEntries(this.rules);
    return { seeds: this.#done, calls: this.#calls, records: this.#events, seconds, ...rates, faults, rules };
  }

  #line(): string {
    const { seconds } = this.figures;
    const rate = (count: number) => (count / seconds).toFixed(1);
    return `${this.#done} of ${this.#seeds} seeds, ${rate(this.#done)} seeds/s, ${rate(this.#calls)} calls/s, ${this.#calls} calls, ${this.#events} records, ${this.failures.length} failed`;
  }
}
