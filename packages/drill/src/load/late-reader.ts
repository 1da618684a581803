/** A system that subscribes late, and wants everything from the beginning. */
import { Findings } from '../findings.ts';
import { type FeedEvent, Subscriber } from './subscriber.ts';

/** So that others have room beside it. */
const KEPT_MAX = 20;

export class LateReader {
  readonly ids = new Set<string>();
  readonly #url: string;
  readonly #streams = new Map<string, number>();
  readonly findings = new Findings(KEPT_MAX);
  #subscriber: Subscriber | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  begin(): void {
    this.#subscriber ??= new Subscriber(this.#url, '*', (event) => this.#hear(event));
  }

  /** Repetitions are allowed; what comes for the first time comes in order. */
  #hear({ id, stream = '', seq }: FeedEvent): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const before = this.#streams.get(stream) ?? 0;
    if (Number(seq) <= before) this.findings.add(`subscriber: ${stream}#${seq} came after #${before}`);
    this.#streams.set(stream, Number(seq));
  }

  get silentMs(): number {
    return this.#subscriber?.silentMs ?? 0;
  }

  get connections(): number {
    return this.#subscriber?.connections ?? 0;
  }

  get refused(): readonly string[] {
    return this.#subscriber?.refused ?? [];
  }

  async stop(): Promise<void> {
    await this.#subscriber?.stop();
  }
}
