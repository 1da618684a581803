/** GET /events/v1 on the real server: the whole log, by line, page and stream, continued exactly, by slow readers too. */
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { CloudEvent } from '@coachloop/contracts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Adapters,
  eventOf,
  example,
  memoryAdapters,
  publish,
  type Running,
  started,
  startPlatform,
} from './given.ts';

let adapters: Adapters;
let running: Running;
beforeEach(async () => {
  adapters = await memoryAdapters();
  running = await startPlatform(adapters, { feed: { heartbeatMs: 30, patienceMs: 3_000 } });
});
afterEach(async () => {
  await running.platform.stop();
  await adapters.close();
});

interface Line {
  readonly id: string;
  readonly type: string;
  readonly cursor: string;
  readonly partitionkey: string;
  readonly seq: number;
}
const linesOf = (text: string): Line[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
async function lines(query = ''): Promise<Line[]> {
  const reply = await fetch(`${running.url}/events/v1${query}`);
  expect(reply.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  return linesOf(await reply.text());
}
const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const page = async (query = '') =>
  (await running.get(`/events/v1${query}`)).body as { items: Line[]; next: string; more: boolean };

describe('NDJSON', () => {
  test('the whole history from the beginning, each once, in order per key, as on Kafka', async () => {
    const history = started(1_500);
    await publish(adapters.log, history);
    await publish(adapters.log, history.slice(1_000)); // a relay that was unsure
    const got = await lines('?types=training.*');
    const events = history.map(({ event }) => event);
    expect(new Set(idsOf(got))).toEqual(new Set(idsOf(events)));
    expect(got).toHaveLength(1_500);
    for (const key of new Set(events.map((event) => event.key)))
      expect(idsOf(got.filter((line) => line.partitionkey === key))).toEqual(
        idsOf(events.filter((event) => event.key === key)),
      );
    const { event } = history[0] as { event: CloudEvent };
    expect(got.find(({ id }) => id === event.id)).toMatchObject({
      specversion: '1.0',
      source: event.source,
      type: event.type,
      datacontenttype: 'application/json',
      stream: event.stream,
      seq: 1,
      data: event.data,
    });
  });

  test('after any line it continues exactly there', async () => {
    await publish(adapters.log, started(400));
    const whole = await lines();
    for (const at of [0, 1, 17, 250, 398, 399]) {
      const rest = await lines(`?after=${whole[at]?.cursor}`);
      const seen = [...idsOf(whole.slice(0, at + 1)), ...idsOf(rest)];
      expect(new Set(seen)).toEqual(new Set(idsOf(whole)));
      expect(seen).toHaveLength(400);
    }
  });

  test('types, limit, from now, from a time', async () => {
    const completed = eventOf(
      'evaluation-events',
      'evaluation.completed',
      example('evaluation-events', 'evaluation.completed'),
    );
    await publish(adapters.log, started(3), Date.now() - 60_000);
    await publish(adapters.log, [completed]);
    expect((await lines('?types=evaluation.completed')).map(({ type }) => type)).toEqual(['evaluation.completed']);
    expect(await lines('?types=training.started,evaluation.*')).toHaveLength(4);
    expect(await lines('?types=training.started,evaluation.*&limit=2')).toHaveLength(2);
    expect(await lines('?types=training.*&from=now')).toEqual([]);
    const since = encodeURIComponent(new Date(Date.now() - 30_000).toISOString());
    expect(idsOf(await lines(`?types=training.*,evaluation.*&from=${since}`))).toEqual([completed.event.id]);
  });

  test('following, it goes on with what comes, and says by empty lines that it is there', async () => {
    await publish(adapters.log, started(2));
    const stop = new AbortController();
    const reply = await fetch(`${running.url}/events/v1?types=training.*&follow=true`, { signal: stop.signal });
    const got: Line[] = [];
    let empty = 0;
    const reading = (async () => {
      const body = Readable.fromWeb(reply.body as ReadableStream);
      for await (const line of createInterface(body))
        if (line === '') empty += 1;
        else got.push(JSON.parse(line));
    })().catch(() => undefined);
    await vi.waitFor(() => expect(got).toHaveLength(2));
    await vi.waitFor(() => expect(empty).toBeGreaterThan(1));
    await publish(adapters.log, started(3));
    await vi.waitFor(() => expect(got).toHaveLength(5));
    stop.abort();
    await reading;
  });
});

describe('pages', () => {
  test('page by page the whole log, until one says that it is the end, from which it goes on', async () => {
    await publish(adapters.log, started(250));
    const seen: string[] = [];
    let next = '';
    for (let more = true; more; ) {
      const got = await page(`?types=training.*&limit=60${next === '' ? '' : `&after=${next}`}`);
      seen.push(...idsOf(got.items));
      next = got.next;
      more = got.more;
    }
    expect(seen).toHaveLength(250);
    expect(new Set(seen).size).toBe(250);
    await publish(adapters.log, started(1));
    expect((await page(`?types=training.*&after=${next}`)).items).toHaveLength(1);
  });

  test('a page that has taken its time ends where it is, short or empty, and says that there is more', async () => {
    await running.platform.stop();
    running = await startPlatform(adapters, { feed: { pageMs: 0 } });
    await publish(adapters.log, started(50));
    const wanted = eventOf('training-events', 'training.assigned', example('training-events', 'training.assigned'));
    await publish(adapters.log, [wanted]);
    const first = await page('?types=training.assigned');
    expect(first).toMatchObject({ items: [], more: true });
    const seen: string[] = [];
    let next = '';
    for (let previous = '?'; next !== previous; ) {
      previous = next;
      const got = await page(`?types=training.assigned${next === '' ? '' : `&after=${next}`}`);
      seen.push(...idsOf(got.items));
      next = got.next;
    }
    expect(seen).toEqual([wanted.event.id]);
  });

  test('a page without a match still moves on', async () => {
    await publish(adapters.log, started(50));
    const { items, next } = await page('?types=training.assigned');
    expect(items).toEqual([]);
    expect((await page(`?types=training.*&after=${next}`)).items).toEqual([]);
  });
});

describe('server-sent events', () => {
  async function sse(headers: Record<string, string> = {}, query = '?types=training.*') {
    const stop = new AbortController();
    const reply = await fetch(`${running.url}/events/v1${query}`, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: stop.signal,
    });
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const done = (async () => {
      for await (const chunk of Readable.fromWeb(reply.body as ReadableStream)) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    return {
      get text() {
        return text;
      },
      events: () =>
        text.split('\n\n').flatMap((message) => {
          const data = /^data: (.*)$/m.exec(message)?.[1];
          return data === undefined
            ? []
            : [{ ...(JSON.parse(data) as Line), sseId: /^id: (.*)$/m.exec(message)?.[1] ?? '' }];
        }),
      close: async () => {
        stop.abort();
        await done;
      },
    };
  }

  test('the history, then what comes; Last-Event-ID continues; a heartbeat moves past what is not wanted', async () => {
    await publish(adapters.log, started(20));
    const first = await sse();
    await vi.waitFor(() => expect(first.events()).toHaveLength(20));
    const seventh = first.events()[6];
    expect(seventh?.sseId).toBe(seventh?.cursor);
    await first.close();
    const second = await sse({ 'last-event-id': seventh?.sseId ?? '' });
    await publish(adapters.log, started(5));
    await vi.waitFor(() => expect(second.events()).toHaveLength(18));
    await publish(adapters.log, [
      eventOf('training-events', 'training.assigned', example('training-events', 'training.assigned')),
    ]);
    await vi.waitFor(() => expect(second.text).toContain(': still here'));
    await second.close();
    const quiet = await sse({}, '?types=training.assigned');
    await vi.waitFor(() => expect(quiet.events()).toHaveLength(1));
    await vi.waitFor(() => expect(quiet.text.match(/: still here\nid: \S+\n\n/g)?.length).toBeGreaterThan(1));
    const beats = [...quiet.text.matchAll(/: still here\nid: (\S+)/g)].map(([, id]) => id);
    await quiet.close();
    expect((await page(`?types=training.*&after=${beats.at(-1)}`)).items).toEqual([]);
  });

  test('stopping the server ends the streams', async () => {
    const open = await sse();
    await running.platform.stop();
    await open.close();
  });
});

describe('bad requests', () => {
  test.each([
    ['?types=trainings.*', 400, 'EVENT_TYPES_UNKNOWN', '/types'],
    ['?types=', 400, 'EVENT_TYPES_UNKNOWN', '/types'],
    ['?types=training.*,constructor', 400, 'EVENT_TYPES_UNKNOWN', '/types'],
    ['?after=nonsense', 400, 'CURSOR_INVALID', '/after'],
    ['?after=AQID', 400, 'CURSOR_INVALID', '/after'],
    ['?from=yesterday', 400, 'EVENTS_FROM_INVALID', '/from'],
    ['?from=now&after=x', 400, 'EVENTS_FROM_INVALID', '/from'],
    ['?limit=0', 400, 'REQUEST_INVALID', '/limit'],
    ['?follow=perhaps', 400, 'REQUEST_INVALID', '/follow'],
  ])('%s is a %i %s', async (query, status, code, pointer) => {
    expect(await running.get(`/events/v1${query}`)).toMatchObject({ status, body: { code, pointer } });
  });

  test('a cursor of a longer log is refused', async () => {
    const other = await memoryAdapters();
    const elsewhere = await startPlatform(other);
    await publish(other.log, started(100));
    const { next } = (await elsewhere.get('/events/v1')).body as { next: string };
    await elsewhere.platform.stop();
    await other.close();
    expect(await running.get(`/events/v1?after=${next}`)).toMatchObject({
      status: 400,
      body: { code: 'CURSOR_INVALID' },
    });
  });

  test('a cursor that retention has passed is expired, not silently skipped', async () => {
    await publish(adapters.log, started(40), Date.now() - 60_000);
    const { items } = await page('?types=training.*&limit=1');
    await adapters.log.createTopics([{ name: 'training-events', partitions: 12, retentionMs: 1_000 }]);
    await vi.waitFor(async () => {
      await adapters.log.retain(Date.now());
      expect((await adapters.log.watermarks(['training-events'])).reduce((sum, { first }) => sum + first, 0)).toBe(40);
    });
    expect(await running.get(`/events/v1?types=training.*&after=${items[0]?.cursor}`)).toMatchObject({
      status: 410,
      body: { code: 'CURSOR_EXPIRED' },
    });
  });

  test('another format is not acceptable', async () => {
    expect(await running.get('/events/v1', { accept: 'text/csv' })).toMatchObject({
      status: 406,
      body: { code: 'EVENTS_NOT_ACCEPTABLE' },
    });
  });
});

test('a client that reads nothing is let go; one that reads slowly gets everything', async () => {
  const history = [started(10_000), started(10_000)];
  for (const part of history) await publish(adapters.log, part);
  const { port } = new URL(running.url);
  const ask = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/events/v1?types=training.*' }, resolve).on('error', reject).end();
    });
  const asleep = await ask(); // nobody reads what comes
  const cutShort = new Promise((resolve) => asleep.on('error', resolve));
  const slow = await ask();
  let text = '';
  for await (const chunk of slow) {
    text += String(chunk);
    await new Promise(setImmediate);
  }
  expect(new Set(idsOf(linesOf(text))).size).toBe(20_000);
  await vi.waitFor(() => expect(connectionsOf(running)).resolves.toBe(0));
  asleep.resume();
  expect(await cutShort).toMatchObject({ code: 'ECONNRESET' });
});

const connectionsOf = ({ platform }: Running) =>
  new Promise<number>((resolve, reject) =>
    platform.app.server.getConnections((error, connections) => (error ? reject(error) : resolve(connections))),
  );
