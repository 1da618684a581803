/** The same events over the bus: routed to their call, and what is bad is a dead letter with its reason. */
import { callIdOf, deadLetterTopic } from '@coachloop/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { good, type Ingest, startIngest } from './harness.ts';

let ingest: Ingest;
beforeEach(async () => {
  ingest = await startIngest();
});
afterEach(() => ingest.stop());

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** As a foreign producer writes: binary mode. */
async function produce(event: ReturnType<typeof good>, value = JSON.stringify(event.data)): Promise<void> {
  const headers = Object.fromEntries(
    (['specversion', 'id', 'source', 'type', 'time'] as const).map((name) => [`ce_${name}`, bytes(event[name])]),
  );
  await ingest.log.append([
    {
      topic: 'call-intake',
      key: 'c-1',
      headers: { ...headers, 'content-type': bytes('application/json') },
      value: bytes(value),
    },
  ]);
}

async function letters() {
  const found: unknown[] = [];
  for await (const batch of ingest.running.events({
    topics: [deadLetterTopic('call-ingest')],
    from: 'start',
    follow: false,
  }))
    found.push(...batch.map(({ event }) => (event.data as { reason: unknown }).reason));
  return found;
}
const call = async () => (await ingest.get(`/ingest/v1/calls/${callIdOf('pbx-1', 'c-1')}`)).body;

describe('call-intake', () => {
  it('leads to the same call as HTTP, and keeps the customer out of our data', async () => {
    await produce(
      good({ id: 'bus-1', type: 'call.answered', time: '2026-05-04T10:59:00Z' }, { customerId: '+44 20 7946 0000' }),
    );
    await ingest.event(good());
    await vi.waitFor(async () => expect(await call()).toMatchObject({ stage: 'wrapup', talkSeconds: 60 }));
    const [document] = await ingest.store.load('calls', [callIdOf('pbx-1', 'c-1')]);
    expect(JSON.stringify([document, await ingest.published()])).not.toContain('7946');
  });

  it('parks what is bad with its reason, and goes on with what is good', async () => {
    await produce(good({ id: 'bad-1' }, { callId: 7 }));
    await produce(good({ id: 'bad-2' }, { at: '2031-01-01T00:00:00Z' }));
    await produce(good({ id: 'bad-3' }), '{"cut');
    await produce(good({ id: 'bad-4', type: 'transcript.completed' }));
    await produce(good({ id: 'good' }));
    await vi.waitFor(async () => expect(await letters()).toHaveLength(4));
    expect(await letters()).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'EVENT_TIME_FUTURE', pointer: '/at' })]),
    );
    await vi.waitFor(async () => expect(await call()).toMatchObject({ stage: 'done' }));
  });
});
