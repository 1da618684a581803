/** What a subscriber hears while calls come in: the longest silence between two evaluations, and which parts of the loop have happened. */
import { Subscriber } from './subscriber.ts';

/** A load that touches half of the loop would prove half of it. */
export const PARTS = {
  evaluations: 'qa.evaluation.completed',
  cases: 'training.case.opened',
  completions: 'training.completed',
  reEvaluations: 'evaluation.completed',
} as const;
type Part = keyof typeof PARTS;

export class Pulse {
  readonly #subscriber: Subscriber;
  readonly #known = new Set<string>();
  readonly #unheard = new Map(Object.entries(PARTS).map(([part, type]) => [type as string, part as Part]));
  #lastMs: number | null = null;
  #ended = false;
  silenceMsMax = 0;

  constructor(url: string) {
    this.#subscriber = new Subscriber(url, Object.values(PARTS).join(), ({ id, type }) => {
      this.#unheard.delete(type);
      if (type !== PARTS.evaluations || this.#known.has(id)) return;
      this.#known.add(id);
      this.#beat();
    });
  }

  get refused(): readonly string[] {
    return this.#subscriber.refused;
  }

  /** What nobody has heard of yet. */
  get unheard(): readonly Part[] {
    return [...this.#unheard.values()];
  }

  /** No more calls: from now on silence is as it should be. */
  end(): void {
    if (this.#lastMs !== null) this.#beat();
    this.#ended = true;
  }

  #beat(): void {
    if (this.#ended) return;
    const nowMs = performance.now();
    this.silenceMsMax = Math.max(this.silenceMsMax, nowMs - (this.#lastMs ?? nowMs));
    this.#lastMs = nowMs;
  }

  stop(): Promise<void> {
    return this.#subscriber.stop();
  }
}
