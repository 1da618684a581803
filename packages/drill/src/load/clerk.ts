/**
 * Looks after dead letters while the load goes on. Of what strangers wrote half is given up, each with a reason, and some of it twice. What
 * failed is replayed, also too early, while it fails again, and more than once; at the end until nothing of it is left.
 */
import { setTimeout } from 'node:timers/promises';
import { randomOf } from '@coachloop/simulator';
import type { Client } from './client.ts';
import type { Ledger } from './ledger.ts';

export interface LetterShown {
  readonly id: string;
  readonly service: string;
  readonly status: string;
  readonly code: string;
}

const LOOK_EVERY_MS = 3_000;
const AT_ONCE = 8;
const SHARES = { discarded: 0.5, twice: 0.5, replayed: 0.5 } as const;
/** Of letters about messages at which a transition threw; all others have a reason that no replay changes. */
export const FAILED = 'TRANSITION_FAILED';

const hasFailed = ({ code }: LetterShown): boolean => code === FAILED;

/** Of all services. */
export const lettersOf = (client: Client, status: string): Promise<readonly LetterShown[]> =>
  client.all<LetterShown>(`/ops/v1/dead-letters?limit=200&status=${status}`);

export class Clerk {
  /** Ids of letters whose end was acknowledged. */
  readonly discarded = new Set<string>();
  /** How often a replay was taken. */
  replays = 0;
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

  /** Once nobody fails any more and all is quiet: true where there was something left to replay, which may bring about more. */
  async replayAll(): Promise<boolean> {
    const failed = (await lettersOf(this.#client, 'open')).filter(hasFailed);
    await this.#replay(failed);
    return failed.length > 0;
  }

  async #work(): Promise<void> {
    const { signal } = this.#ending;
    const random = randomOf('drill-clerk', this.#seed);
    while (!signal.aborted) {
      const letters = await lettersOf(this.#client, 'open');
      for (const letter of letters) {
        if (hasFailed(letter)) continue;
        if (!this.#known.has(letter.id)) await this.#decide(letter);
        this.#known.add(letter.id);
      }
      await this.#replay(letters.filter((letter) => hasFailed(letter) && random.chance(SHARES.replayed)));
      await setTimeout(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The oldest first, a few at a time. Whoever asks for what has been replayed meanwhile is told so. */
  async #replay(newestFirst: readonly LetterShown[]): Promise<void> {
    const left = newestFirst.toReversed().values();
    const one = async ({ service, id }: LetterShown) => {
      const path = `/ops/v1/dead-letters/${service}/${id}/replay`;
      const { status, body: reply } = await this.#client.send({ path, method: 'POST' });
      if (status === 202) this.replays += 1;
      else if (Object(reply).code !== 'DEAD_LETTER_NOT_OPEN')
        this.#ledger.wrong(
          `answer: dead letter ${id} was not replayed: ${status} ${JSON.stringify(reply).slice(0, 300)}`,
        );
    };
    const worker = async () => {
      for (const letter of left) await one(letter);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
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
