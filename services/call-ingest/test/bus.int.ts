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

  it('knows an event again that comes by both ways, though each hid the customer by itself', async () => {
    const event = good({ id: 'both' }, { customerId: '+44 20 7946 0000' });
    await produce(event);
    await vi.waitFor(async () => expect(await call()).toMatchObject({ stage: 'done' }));
    expect((await ingest.event(event)).body).toEqual({ accepted: 0, duplicate: 1, rejected: [] });
    await ingest.event({ ...event, id: 'other way round' });
    await produce({ ...event, id: 'other way round' });
    await produce(good({ id: 'last', type: 'call.answered' }, { callId: 'c-2' }));
    await vi.waitFor(async () =>
      expect((await ingest.get(`/ingest/v1/calls/${callIdOf('pbx-1', 'c-2')}`)).status).toBe(200),
    );
    expect(await letters()).toEqual([]);
  });

  it('keeps the customer out of a dead letter, in binary and in structured mode; a replay is the same event', async () => {
    const bad = good(
      { id: 'bad', type: 'call.answered' },
      { at: '2031-01-01T00:00:00Z', customerId: '+44 20 7946 0000' },
    );
    await produce(bad);
    const structured = { 'content-type': bytes('application/cloudevents+json') };
    const value = bytes(JSON.stringify({ ...bad, id: 'bad-2' }));
    await ingest.log.append([{ topic: 'call-intake', key: 'c-1', headers: structured, value }]);
    await vi.waitFor(async () => expect(await letters()).toHaveLength(2));
    const found = await ingest.store.scan('call-ingest.dead-letters');
    expect(found).toHaveLength(2);
    for (const { body } of found) {
      const { value: kept } = (body.state as { letter: { record: { value: string } } }).letter.record;
      const text = Buffer.from(kept, 'base64').toString();
      expect(text).toContain('customerHash');
      expect(text).not.toContain('7946');
    }
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
