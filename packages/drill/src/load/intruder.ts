/** Somebody who writes rubbish to the topic of calls, past the door. Each such record has to become one dead letter, and nothing else. */
import { setTimeout } from 'node:timers/promises';
import type { CloudEventJson } from '@coachloop/contracts';
import { type Random, randomOf } from '@coachloop/simulator';
import type { StrangeRecord } from '../deployment.ts';
import { DrillError } from '../errors.ts';
import { DAY_MS } from '../site.ts';

/** The header that numbers what a stranger wrote. */
export const STRANGE = 'x-strange';
const PATIENCE_MS = 240_000;
const AGAIN_MS = 500;

export interface IntruderOptions {
  readonly write: (record: StrangeRecord) => Promise<void>;
  readonly seed: number;
  readonly everyMs: number;
  /** An event of a call that is known to the platform. */
  readonly known: () => CloudEventJson | null;
}

export class Intruder {
  /** Numbers of what is in the topic, perhaps more than once: whoever is not sure writes again. */
  readonly written = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(options: IntruderOptions) {
    this.#done = this.#work(options);
    this.#done.catch(() => undefined); // told by `end`
  }

  /** What is under way is finished. */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  /** What is under way is given up: the drill is over. */
  stop(): void {
    this.#stopping.abort();
    this.#isOver = true;
  }

  async #work({ write, seed, everyMs, known }: IntruderOptions): Promise<void> {
    const { signal } = this.#stopping;
    const random = randomOf('drill-intruder', seed);
    for (let n = 1; !signal.aborted; n += 1) {
      const record = strangeRecord(n, random, known());
      await this.#written(write, record);
      this.written.add(String(n));
      await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @throws DrillError DRILL_NOT_ACKNOWLEDGED */
  async #written(write: IntruderOptions['write'], record: StrangeRecord): Promise<void> {
    for (const untilMs = performance.now() + PATIENCE_MS; ; await setTimeout(AGAIN_MS))
      try {
        return await write(record);
      } catch (error) {
        if (this.#isOver || performance.now() > untilMs)
          throw new DrillError('DRILL_NOT_ACKNOWLEDGED', `what a stranger writes: ${error}`);
      }
  }
}

export function strangeRecord(n: number, random: Random, known: CloudEventJson | null): StrangeRecord {
  const id = `strange-${n}`;
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: '/stranger',
    ce_type: 'call.ended',
    ce_time: new Date().toISOString(),
    'content-type': 'application/json',
    [STRANGE]: String(n),
  };
  const { ce_type: _, ...untyped } = headers;
  const future = new Date(Date.now() + 400 * DAY_MS).toISOString();
  const data = { callId: id, agentId: 'stranger', at: new Date(Date.now() - DAY_MS).toISOString() };
  const good = { key: id, headers, value: JSON.stringify(data) };
  const callOf = known === null ? {} : { callId: Object(known.data).callId };
  const kinds: readonly StrangeRecord[] = [
    { ...good, value: '{"callId":' },
    { ...good, value: null },
    { ...good, headers: untyped },
    { ...good, headers: { ...headers, ce_type: 'call.exploded' } },
    { ...good, headers: { ...headers, ce_specversion: '0.3' } },
    { ...good, headers: { ...headers, ce_subject: Buffer.of(0xff) } },
    { ...good, value: JSON.stringify({ ...data, callId: 7 }) },
    // Only the call itself can tell these: one that is not there, and one that is.
    { ...good, value: JSON.stringify({ ...data, at: future }) },
    {
      ...good,
      headers: { ...headers, ce_source: known?.source ?? headers.ce_source },
      value: JSON.stringify({ ...data, ...callOf, at: future }),
    },
  ];
  return random.pick(kinds);
}
