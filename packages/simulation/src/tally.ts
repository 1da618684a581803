/** Adds up what the seeds told, and says now and then how far they are: on stderr, so that stdout has the outcome alone. */
import type { Told } from './child.ts';
import { CAUSES, FAULT_KINDS, type FaultKind, type Limits, OBSERVED_KINDS, type ObservedKind } from './faults.ts';
import { columns } from './words.ts';

const EVERY_MS = 5_000;
/** Of the seeds that failed. */
const TOLD_MAX = 20;
const FAULT_COLUMNS = 3;

export class Tally {
  readonly failures: Told[] = [];
  readonly faults = new Map<FaultKind, number>();
  readonly observations = new Map<ObservedKind, number>();
  readonly rules = new Map<string, number>();
  readonly #seeds: number;
  readonly #end: number;
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
    this.#end = from + seeds;
  }

  add(told: Told): void {
    this.#done += 1;
    this.#after.add(told.seed);
    while (this.#after.delete(this.#next)) this.#next += 1;
    this.#calls += told.calls;
    this.#events += told.events;
    sumUp(this.faults, told.faults);
    sumUp(this.observations, told.observations);
    sumUp(this.rules, told.rules);
    if (told.violations.length > 0) this.failures.push(told);
    if (performance.now() - this.#lastMs < EVERY_MS) return;
    this.#lastMs = performance.now();
    const { seeds, from } = this.rest;
    console.error(`${this.#line()}; to go on from here: --seeds ${seeds} --from ${from}`);
  }

  lines(): readonly string[] {
    const list = (counts: Readonly<Record<string, number>>) =>
      Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    const { faults, observations, rules } = this.figures;
    return [
      this.#line(),
      'faults:',
      ...columns(Object.entries(faults), FAULT_COLUMNS).map((line) => `  ${line}`),
      `and of it came: ${list(observations)}`,
      `cases opened: ${list(rules)}`,
    ];
  }

  /** What is left of a run that ends now; some of it may be done, but not all before it. */
  get rest(): { readonly seeds: number; readonly from: number } {
    return { seeds: this.#end - this.#next, from: this.#next };
  }

  /** Which seeds failed, for the verdict; empty: none. */
  failed(): string {
    if (this.failures.length === 0) return '';
    const seeds = this.failures.map(({ seed }) => seed).toSorted((a, b) => a - b);
    const more = seeds.length > TOLD_MAX ? ` and ${seeds.length - TOLD_MAX} more` : '';
    return `, ${seeds.length} of ${this.#done}: ${seeds.slice(0, TOLD_MAX).join(', ')}${more}`;
  }

  /** What never occurred and should have; where faults or calls have a bound, nothing need occur. */
  missing({ without, faults_max, calls_max }: Limits): readonly string[] {
    if (Number.isFinite(faults_max) || Number.isFinite(calls_max)) return [];
    const isWanted = (kind: FaultKind | ObservedKind) => {
      const cause = CAUSES[kind];
      return cause === undefined || !without.has(cause);
    };
    return [
      ...FAULT_KINDS.filter((kind) => !this.faults.has(kind) && !without.has(kind) && isWanted(kind)),
      ...OBSERVED_KINDS.filter((kind) => !this.observations.has(kind) && isWanted(kind)),
    ];
  }

  get figures() {
    const seconds = Math.max(0.001, (performance.now() - this.#startMs) / 1_000);
    const faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, this.faults.get(kind) ?? 0]));
    const observations = Object.fromEntries(OBSERVED_KINDS.map((kind) => [kind, this.observations.get(kind) ?? 0]));
    const rates = { seedsPerSecond: this.#done / seconds, callsPerSecond: this.#calls / seconds };
    const rules = Object.fromEntries([...this.rules].toSorted());
    const sums = { seeds: this.#done, calls: this.#calls, records: this.#events, seconds };
    return { ...sums, ...rates, faults, observations, rules };
  }

  #line(): string {
    const { seconds } = this.figures;
    const rate = (count: number) => (count / seconds).toFixed(1);
    return `${this.#done} of ${this.#seeds} seeds, ${rate(this.#done)} seeds/s, ${rate(this.#calls)} calls/s, ${this.#calls} calls, ${this.#events} records, ${this.failures.length} failed`;
  }
}

function sumUp<K>(sums: Map<K, number>, counts: readonly (readonly [K, number])[]): void {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
}
