/** What can go wrong, how often, and how often it did. */
import { Random } from './random.ts';

/** Per call to a port, unless it says otherwise. Each seed arms its own choice of these, some strongly and some not at all. */
export const FAULT_RATES = {
  'store-away': 0.01,
  'store-answer-lost': 0.01,
  'store-late': 0.006,
  'save-split': 0.1,
  'save-partial': 0.05,
  'save-unknown': 0.03,
  'save-rolled-back': 0.02,
  'save-conflict': 0.02,
  'log-away': 0.01,
  'append-answer-lost': 0.03,
  'append-late': 0.01,
  'append-split': 0.15,
  'append-partial': 0.05,
  'commit-lost': 0.03,
  'slow-call': 0.02,
  'crash-in-call': 0.004,
  'crash-loaded': 0.002,
  'crash-saved': 0.01,
  'crash-published': 0.01,
  'crash-committed': 0.004,
  'offsets-set-back': 0.1, // per rebalance and partition that was read
  'transition-fails-once': 0.01, // per message
  'transition-fails': 0.02, // per message, until it is repaired
  // Per tick of the tormentor, see `torment.ts`.
  crash: 0.05,
  stall: 0.06,
  sleeper: 0.015,
  rebalance: 0.05,
  'service-down': 0.012,
  'clock-jump': 0.04,
  'old-duplicate': 0.1,
  'replay-in-flight': 0.12,
  'new-release': 0.04,
  // Of the workload.
  'sent-twice': 0.1,
  'sent-both-ways': 0.08,
  'arrives-late': 0.1,
  garbage: 0.02,
  // At the end.
  'replay-twice': 0.4, // per service
  discard: 0.5, // per letter of the probe
  'late-duplicate': 0.4, // per try, of which there are eight
  'handled-twice': 0.1, // per process: it handles each message twice
} as const;

export type FaultKind = keyof typeof FAULT_RATES;
export const FAULT_KINDS = Object.keys(FAULT_RATES) as readonly FaultKind[];

/** What follows from the load and the faults, and is to be seen too: counted so that none of it is missed, and nothing that can be taken away. */
export const OBSERVED_KINDS = ['document-deleted', 'inbox-rolled-over', 'days-away', 'sleeper-wrote'] as const;
export type ObservedKind = (typeof OBSERVED_KINDS)[number];
/** What is there only where something else is; what is not named here comes of the load. */
export const CAUSES: Partial<Readonly<Record<FaultKind | ObservedKind, FaultKind>>> = {
  'days-away': 'service-down',
  'sleeper-wrote': 'sleeper',
  discard: 'transition-fails',
};

/** What a run may be cut down to, when a failure is made smaller. */
export interface Limits {
  readonly without: ReadonlySet<FaultKind>;
  /** Faults after this many do not happen. */
  readonly faults_max: number;
  readonly calls_max: number;
  /** Of each service, to begin with. */
  readonly processes_max: number;
}

export const NO_LIMITS: Limits = {
  without: new Set(),
  faults_max: Number.POSITIVE_INFINITY,
  calls_max: Number.POSITIVE_INFINITY,
  processes_max: Number.POSITIVE_INFINITY,
};

/** How strongly a seed takes to one kind. */
const STRENGTHS = [0, 0.3, 1, 1, 3];

export class Faults {
  armed = true;
  readonly counts = new Map<FaultKind, number>();
  readonly observations = new Map<ObservedKind, number>();
  readonly #rates = new Map<FaultKind, number>();
  readonly #streams = new Map<FaultKind, Random>();
  readonly #limits: Limits;
  readonly #note: (text: string) => void;
  #total = 0;

  constructor(seed: number, limits: Limits, note: (text: string) => void) {
    this.#limits = limits;
    this.#note = note;
    const choice = new Random(seed, 'strengths');
    for (const kind of FAULT_KINDS) {
      this.#rates.set(kind, FAULT_RATES[kind] * choice.pick(STRENGTHS));
      this.#streams.set(kind, new Random(seed, kind));
    }
  }

  rateOf(kind: FaultKind): number {
    return this.#rates.get(kind) ?? 0;
  }

  /** Whether it happens here; counted and noted where it does. */
  hit(kind: FaultKind, where: string): boolean {
    return this.armed && this.due(kind) && this.happened(kind, where);
  }

  /**
   * Whether it is to happen here, also when the faults of the load are over. Where it is not known yet whether there is anything for it to
   * happen to, `happened` counts it once it took place.
   */
  due(kind: FaultKind): boolean {
    const isDrawn = this.#streams.get(kind)?.chance(this.rateOf(kind)) ?? false;
    return isDrawn && this.#isAllowed(kind);
  }

  /** Counts; false: it is one that must not happen. */
  happened(kind: FaultKind, where: string): boolean {
    if (!this.#isAllowed(kind)) return false;
    this.#total += 1;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#note(`${kind} ${where}`);
    return true;
  }

  observed(kind: ObservedKind, where: string): void {
    this.observations.set(kind, (this.observations.get(kind) ?? 0) + 1);
    this.#note(`${kind} ${where}`);
  }

  #isAllowed(kind: FaultKind): boolean {
    return !this.#limits.without.has(kind) && this.#total < this.#limits.faults_max;
  }
}
