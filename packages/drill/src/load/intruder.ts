/** Somebody who writes rubbish to the topic of calls, past the door. Each such record has to become one dead letter, and nothing else. */
import { setTimeout } from 'node:timers/promises';
import { type Random, randomOf } from '@coachloop/simulator';
import type { StrangeRecord } from '../deployment.ts';

/** The header that numbers what a stranger wrote. */
export const STRANGE = 'x-strange';
const DAY_MS = 86_400_000;
const AGAIN_MS = 500;

export interface IntruderOptions {
  readonly write: (record: StrangeRecord) => Promise<void>;
  readonly seed: number;
  readonly everyMs: number;
}

export class Intruder {
  /** Numbers of what is in the topic, perhaps more than once: whoever is not sure writes again. */
  readonly written = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: IntruderOptions) {
    this.#done = this.#work(options);
  }

  /** What is under way is finished. */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #work({ write, seed, everyMs }: IntruderOptions): Promise<void> {
    const { signal } = this.#stopping;
    const random = randomOf('drill-intruder', seed);
    for (let n = 1; !signal.aborted; n += 1) {
      const record = strangeRecord(n, random);
      while (!(await written(write, record))) await setTimeout(AGAIN_MS);
      this.written.add(String(n));
      await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const written = (write: IntruderOptions['write'], record: StrangeRecord): Promise<boolean> =>
  write(record).then(
    () => true,
    () => false,
  );

export function strangeRecord(n: number, random: Random): StrangeRecord {
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
  const data = { callId: id, agentId: 'stranger', at: new Date(Date.now() - DAY_MS).toISOString() };
  const good = { key: id, headers, value: JSON.stringify(data) };
  const kinds: readonly StrangeRecord[] = [
    { ...good, value: '{"callId":' },
    { ...good, value: null },
    { ...good, headers: untyped },
    { ...good, headers: { ...headers, ce_type: 'call.exploded' } },
    { ...good, headers: { ...headers, ce_specversion: '0.3' } },
    { ...good, headers: { ...headers, ce_subject: Buffer.of(0xff) } },
    { ...good, value: JSON.stringify({ ...data, callId: 7 }) },
    // Only the call itself can tell this one.
    { ...good, value: JSON.stringify({ ...data, at: new Date(Date.now() + 400 * DAY_MS).toISOString() }) },
  ];
  return random.pick(kinds);
}
