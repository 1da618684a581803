/** Plays recordings to a platform: each is sent when, by the platform's clock, its conversation is over. */
import type { Replay } from '@coachloop/simulator';
import { ApiError, type Client } from '../client.ts';

export interface Played {
  recordings: number;
  calls: number;
  accepted: number;
  duplicate: number;
  rejected: number;
}

/** As many as are due, at most so many in one request. */
const REQUEST_ITEMS_MAX = 100;

export class Player {
  readonly #replays: Iterator<Replay>;
  readonly #client: Client;
  #next: IteratorResult<Replay>;
  readonly played: Played = { recordings: 0, calls: 0, accepted: 0, duplicate: 0, rejected: 0 };

  /** `replays` in the order of their times. */
  constructor(client: Client, replays: Iterable<Replay>) {
    this.#client = client;
    this.#replays = replays[Symbol.iterator]();
    this.#next = this.#replays.next();
  }

  get isOver(): boolean {
    return this.#next.done === true;
  }

  /** Sends what is due at `nowMs`. */
  async play(nowMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due: unknown[] = [];
      while (!this.#next.done && this.#next.value.atMs <= nowMs && due.length < REQUEST_ITEMS_MAX) {
        due.push(this.#next.value.vcon);
        this.#next = this.#replays.next();
      }
      if (due.length === 0) return;
      await this.#send(due, signal);
    }
  }

  async #send(vcons: readonly unknown[], signal: AbortSignal): Promise<void> {
    type Answer = { calls: number; accepted: number; duplicate: number; rejected: readonly unknown[] };
    const body = vcons.map((vcon) => JSON.stringify(vcon)).join('\n');
    const answer = await this.#client
      .post<Answer>('/ingest/v1/vcons?source=replay', body, { contentType: 'application/x-ndjson', signal })
      .catch((error: unknown): Answer => {
        // None of them was accepted: they are counted like single ones that are not.
        if (error instanceof ApiError && error.status === 422) return error.body as Answer;
        throw error;
      });
    this.played.recordings += vcons.length;
    this.played.calls += answer.calls;
    this.played.accepted += answer.accepted;
    this.played.duplicate += answer.duplicate;
    this.played.rejected += answer.rejected.length;
  }
}
