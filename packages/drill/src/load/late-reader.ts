/** A system that subscribes late, and wants everything from the beginning. */
import { Hearing } from '../check/hearing.ts';
import { Subscriber } from './subscriber.ts';

export class LateReader {
  readonly hearing = new Hearing('subscriber');
  readonly #url: string;
  #subscriber: Subscriber | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  begin(): void {
    this.#subscriber ??= new Subscriber(this.#url, '*', (event) => this.hearing.hear(event));
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
