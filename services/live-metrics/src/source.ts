/** Reads the generation that is shown: its shares, merged, and what figures need besides. */
import type { HealthFigures, Snapshot } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import type { MetricsPolicy } from './domain/policy.ts';
import { percent } from './domain/readings.ts';
import { DAYS } from './domain/ring.ts';
import { mergeAll, type Share } from './domain/share.ts';
import { type FirstContact, snapshotOf } from './domain/snapshot.ts';
import { collectionsOf, SHARE_IDS } from './generation.ts';

/** The generation that is shown, while it runs here. */
export interface Shown {
  readonly generation: number;
  readonly service: ServiceContext;
}

const RESOLUTION_DAYS = 14;
const RESOLUTION_KEPT_MS = 1_000;

export interface SourceOptions {
  readonly shown: () => Shown;
  readonly policy: MetricsPolicy;
  readonly health: () => HealthFigures | null;
}

export interface Merged {
  readonly shown: Shown;
  readonly share: Share;
  /** Changes when anything that was counted changes. */
  readonly version: string;
}

export class MetricsSource {
  readonly #o: SourceOptions;
  #loading: Promise<Merged> | null = null;
  #last: Merged | null = null;
  #resolved: { readonly generation: number; readonly value: FirstContact; readonly untilMs: number } | null = null;

  constructor(options: SourceOptions) {
    this.#o = options;
  }

  get options(): SourceOptions {
    return this.#o;
  }

  /** Whoever asks while it is being read gets the same answer: a thousand clients cost one reading. */
  merged(): Promise<Merged> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<Merged> {
    const shown = this.#o.shown();
    const { shares } = collectionsOf(shown.generation);
    const found = await shown.service.load<Share>(shares, SHARE_IDS);
    const version = `${shown.generation}:${found.map((document) => document?.version ?? 0).join()}`;
    if (this.#last?.version === version) return this.#last;
    const share = mergeAll(
      found.flatMap((document) => document?.state ?? []),
      shown.service.clock.now(),
    );
    this.#last = { shown, share, version };
    return this.#last;
  }

  /**
   * First-contact resolution, of documents that are counted by index. Counting takes longer the more customers there are,
   * so the answer stands for a while, and longer the longer it took.
   */
  async #resolution({ generation, service }: Shown): Promise<FirstContact> {
    const known = this.#resolved;
    if (known?.generation === generation && performance.now() < known.untilMs) return known.value;
    const began = performance.now();
    const { customers: collection } = collectionsOf(generation);
    const sinceMs = service.clock.now() - RESOLUTION_DAYS * DAYS.stepMs;
    const count = (single: 'yes' | 'no', range?: { from: number }) =>
      service.count(collection, { index: 'by-single', equals: [single], ...(range ? { range } : {}) });
    const [yes, no, recentYes, recentNo] = await Promise.all([
      count('yes'),
      count('no'),
      count('yes', { from: sinceMs }),
      count('no', { from: sinceMs }),
    ]);
    const value = { ...percent(recentYes, recentYes + recentNo), all: percent(yes, yes + no) };
    const tookMs = performance.now() - began;
    this.#resolved = { generation, value, untilMs: performance.now() + Math.max(RESOLUTION_KEPT_MS, 50 * tookMs) };
    return value;
  }

  async snapshot(): Promise<{ readonly snapshot: Snapshot; readonly version: string }> {
    const { shown, share, version } = await this.merged();
    const resolution = await this.#resolution(shown);
    const snapshot = snapshotOf(share, {
      now: shown.service.clock.now(),
      generation: shown.generation,
      policy: this.#o.policy,
      firstContactResolution: resolution,
      health: this.#o.health(),
    });
    return { snapshot, version };
  }
}
