import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { completed, scored, step, uuid } from './given.ts';
import { startPlatform } from './platform.ts';
import { SseClient } from './sse.ts';

let t: Awaited<ReturnType<typeof startPlatform>>;
let clients: SseClient[] = [];
beforeEach(async () => {
  t = await startPlatform();
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await t.stop();
});

const listen = (lastEventId?: string): SseClient => {
  const client = new SseClient(t.platform.url, lastEventId);
  clients.push(client);
  return client;
};
const calls = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => completed({ n: from + i }));
const callIds = (client: SseClient) => client.items.map(({ callId }) => callId).sort();
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => uuid(from + i)).sort();

test('a client gets the figures and the newest events, then what changes, without words of any call', async () => {
  await t.publish(...calls(0, 3));
  const client = listen();
  await vi.waitFor(() => expect(client.feeds).toHaveLength(1));
  expect(client.status).toBe(200);
  expect(client.response?.headers['content-type']).toContain('text/event-stream');
  expect(callIds(client)).toEqual(ids(0, 3));
  await t.publish(
    scored({ n: 7, score: 42, more: { agentName: 'Ada' } }),
    step('transcript.segment', 7, 'talking', 'talking', undefined, {
      segment: { index: 0, speaker: 'customer', text: 'my secret' },
    }),
  );
  await vi.waitFor(() => {
    expect(client.items.at(-1)).toMatchObject({
      type: 'qa.evaluation.completed',
      score: 42,
      agentName: 'Ada',
      callId: uuid(7),
    });
    expect(client.snapshots.at(-1)?.figures.meanScore).toMatchObject({ value: 42, n: 1 });
  });
  expect(JSON.stringify(client.messages)).not.toContain('secret');
});

test('a client that comes back goes on exactly where it was, also on a server that was restarted', async () => {
  await t.publish(...calls(0, 30));
  const first = listen();
  await vi.waitFor(() => expect(callIds(first)).toEqual(ids(0, 30)));
  await t.publish(...calls(30, 60));
  await vi.waitFor(() => expect(callIds(first)).toEqual(ids(0, 60)));
  const at = first.lastId;
  first.close();
  await t.publish(...calls(60, 80));
  const second = listen(at);
  await vi.waitFor(() => expect(callIds(second)).toEqual(ids(60, 80)));
  expect(second.feeds[0]?.skipped).toBe(0);
  const then = second.lastId;
  await t.restart();
  await vi.waitFor(() =>
    expect(second.messages.at(-1)).toMatchObject({ event: 'closing', data: { reason: 'stopping' } }),
  );
  await t.publish(...calls(80, 90));
  const third = listen(then);
  await vi.waitFor(() => expect(callIds(third)).toEqual(ids(80, 90)));
});

test('more than is kept is told as a number, and nothing of it is sent twice', async () => {
  const first = listen();
  await vi.waitFor(() => expect(first.feeds).toHaveLength(1));
  await t.publish(...calls(0, 3_000));
  const second = listen(first.lastId);
  const skipped = () => second.feeds.reduce((sum, feed) => sum + feed.skipped, 0);
  await vi.waitFor(() => expect(second.items.length + skipped()).toBe(3_000));
  const items = callIds(second);
  expect(second.feeds[0]?.items.length).toBeLessThanOrEqual(500);
  expect(new Set(items).size).toBe(items.length);
});

test('a position that is none is refused', async () => {
  for (const position of ['x', 'call-events', 'call-events:-1', `${'a'.repeat(5_000)}:0`]) {
    const client = listen(position);
    await vi.waitFor(() => expect(client.status).toBe(400));
  }
});
