/** Reads the generation that is shown: its shares, merged, and what figures need besides. */
import type { HealthFigures, Snapshot } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import type { MetricsPolicy } from './domain/policy.ts';
import { UNKNOWN } from './domain/readings.ts';
import { mergeAll, type Share } from './domain/share.ts';
import { snapshotOf } from './domain/snapshot.ts';
import { collectionsOf, SHARE_IDS } from './generation.ts';

/** The generation that is shown, while it runs here. */
export interface Shown {
  readonly generation: number;
  readonly service: ServiceContext;
}

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
    const share = mergeAll(found.flatMap((document) => document?.state ?? []));
    this.#last = { shown, share, version };
    return this.#last;
  }

  async snapshot(): Promise<{ readonly snapshot: Snapshot; readonly version: string }> {
    const { shown, share, version } = await this.merged();
    const snapshot = snapshotOf(share, {
      now: shown.service.clock.now(),
      generation: shown.generation,
      policy: this.#o.policy,
      firstContactResolution: UNKNOWN,
      health: this.#o.health(),
    });
    return { snapshot, version };
  }
}
