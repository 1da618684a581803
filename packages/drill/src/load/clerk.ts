/** Looks after dead letters while the load goes on: gives up half of them, each with a reason, and some of them twice. */
import { setTimeout } from 'node:timers/promises';
import { randomOf } from '@coachloop/simulator';
import type { Client } from './client.ts';
import type { Ledger } from './ledger.ts';

export interface LetterShown {
  readonly id: string;
  readonly service: string;
  readonly status: string;
}

const LOOK_EVERY_MS = 3_000;
const SHARES = { discarded: 0.5, twice: 0.5 } as const;

/** Of all services. */
export const lettersOf = (client: Client, status: string): Promise<readonly LetterShown[]> =>
  client.all<LetterShown>(`/ops/v1/dead-letters?limit=200&status=${status}`);

export class Clerk {
  /** Ids of letters whose end was acknowledged. */
  readonly discarded = new Set<string>();
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #seed: number;
  readonly #known = new Set<string>();
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;

  constructor(client: Client, ledger: Ledger, seed: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#seed = seed;
    this.#done = this.#work();
    this.#done.catch(() => undefined); // told by `end`
  }

  /** What is under way is finished. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #work(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      for (const letter of await lettersOf(this.#client, 'open')) {
        if (!this.#known.has(letter.id)) await this.#decide(letter);
        this.#known.add(letter.id);
      }
      await setTimeout(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #decide({ service, id }: LetterShown): Promise<void> {
    const random = randomOf('drill-clerk', this.#seed, id);
    if (!random.chance(SHARES.discarded)) return;
    const path = `/ops/v1/dead-letters/${service}/${id}/discard`;
    const body = JSON.stringify({ reason: 'written by a stranger' });
    for (const _ of random.chance(SHARES.twice) ? [1, 2] : [1]) {
      const { status, body: reply } = await this.#client.send({ path, body });
      if (status === 202) this.discarded.add(id);
      else
        this.#ledger.wrong(
          `answer: dead letter ${id} was not given up: ${status} ${JSON.stringify(reply).slice(0, 300)}`,
        );
    }
  }
}
