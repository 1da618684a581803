import { LogError } from '../errors.ts';
import type { Watermark } from '../port.ts';

/** Where a group is to read on, against what its partitions have. What is not there is told of once per partition. */
export class Ranges {
  readonly #group: string;
  readonly #lost: (error: LogError) => void;
  readonly #told = new Set<string>();

  constructor(group: string, lost: (error: LogError) => void) {
    this.#group = group;
    this.#lost = lost;
  }

  contains({ topic, partition, first, next }: Watermark, offset: number): boolean {
    if (offset >= first && offset <= next) return true;
    const place = `${topic}/${partition}`;
    if (this.#told.has(place)) return false; // each generation looks again
    this.#told.add(place);
    const what =
      offset < first
        ? `Retention dropped ${place} up to ${first} before group ${this.#group} had read from ${offset}`
        : `${place} ends at ${next}, but group ${this.#group} had read up to ${offset}: it was made anew, or brokers lost records`;
    this.#lost(new LogError('LOG_OFFSET_OUT_OF_RANGE', what));
    return false;
  }
}
