/** What happens at the bounds of the stream. */
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EventLog, LogError } from '@coachloop/event-log';
import { expect, test, vi } from 'vitest';
import { LIVE_METRICS_ERRORS } from '../src/errors.ts';
import { CLIENT_BOUNDS, type DropReason, frame, StreamClient } from '../src/stream/client.ts';
import { inMemory, startPlatform } from './platform.ts';
import { SseClient } from './sse.ts';

test('a client that does not read is told why and dropped; what waits for it stays bounded', async () => {
  const dropped: DropReason[] = [];
  let waiting = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const client = new StreamClient(response, 0, (reason) => dropped.push(reason));
    const block = frame('snapshot', 'x'.repeat(100_000));
    const fill = () => {
      if (dropped.length > 0) return;
      client.send(block, 0);
      waiting = Math.max(waiting, response.writableLength);
      setImmediate(fill);
    };
    fill();
  }).listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(server.listening).toBe(true));
  let response: IncomingMessage | null = null;
  const { port } = server.address() as AddressInfo;
  const request = get({ port, host: '127.0.0.1', agent: false }, (given) => {
    given.pause();
    response = given;
  });
  request.on('error', () => undefined);
  try {
    await vi.waitFor(() => expect(dropped).toEqual(['slow']));
    expect(response).not.toBeNull();
    expect(waiting).toBeLessThan(CLIENT_BOUNDS.waiting_bytes_max + 250_000);
  } finally {
    request.destroy();
    server.closeAllConnections();
    server.close();
  }
});

test('beyond the greatest number of clients the answer is 503 with a time to come back; a place that was left is free', async () => {
  const t = await startPlatform({ clientsMax: 2 });
  const clients = [new SseClient(t.platform.url), new SseClient(t.platform.url)];
  try {
    await vi.waitFor(() => expect(clients.every(({ snapshots }) => snapshots.length > 0)).toBe(true));
    const third = new SseClient(t.platform.url);
    await vi.waitFor(() => expect(third.status).toBe(503));
    expect(third.response?.headers['retry-after']).toBe('30');
    clients[0]?.close();
    await vi.waitFor(async () => {
      const fourth = new SseClient(t.platform.url);
      clients.push(fourth);
      await vi.waitFor(() => expect(fourth.status).not.toBe(0));
      expect(fourth.status).toBe(200);
    });
  } finally {
    for (const client of clients) client.close();
    await t.stop();
  }
});

test('a client that came and left while the log was away has left its place', async () => {
  const t = await startPlatform({ clientsMax: 1 }, async (clock) => {
    const { log, store } = await inMemory(clock);
    const scan = () => {
      throw new LogError('LOG_UNAVAILABLE', 'The brokers are away');
    };
    const get = (target: EventLog, name: string | symbol) => {
      const value: unknown = name === 'scan' ? scan : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    };
    return { log: new Proxy(log, { get }), store };
  });
  const first = new SseClient(t.platform.url);
  try {
    await vi.waitFor(() => expect(first.snapshots).toHaveLength(1));
    first.close();
    await vi.waitFor(async () => {
      const second = new SseClient(t.platform.url);
      await vi.waitFor(() => expect(second.status).not.toBe(0));
      second.close();
      expect(second.status).toBe(200);
    });
  } finally {
    first.close();
    await t.stop();
  }
});

test('clients that come and go at once leave nothing behind', async () => {
  const t = await startPlatform();
  try {
    for (let round = 0; round < 5; round += 1) {
      const clients = Array.from({ length: 20 }, () => new SseClient(t.platform.url));
      if (round % 2 === 0)
        await vi.waitFor(() => expect(clients.some(({ snapshots }) => snapshots.length > 0)).toBe(true));
      for (const client of clients) client.close();
    }
    await vi.waitFor(async () => {
      const reply = await t.platform.app.inject({ method: 'GET', url: '/metrics' });
      expect(reply.body).toContain('coachloop_stream_clients 0\n');
    });
    const late = new SseClient(t.platform.url);
    await vi.waitFor(() => expect(late.feeds).toHaveLength(1));
    late.close();
  } finally {
    await t.stop();
  }
});

test('a problem says what to do about it', async () => {
  const t = await startPlatform();
  try {
    const headers = { 'last-event-id': 'of another stream' };
    const reply = await t.platform.app.inject({ method: 'GET', url: '/metrics/v1/stream', headers });
    expect(reply.statusCode).toBe(400);
    const { whatToDo } = LIVE_METRICS_ERRORS.METRICS_POSITION_INVALID;
    expect(reply.json().detail).toBe(`Last-Event-ID is "of another stream". ${whatToDo}`);
  } finally {
    await t.stop();
  }
});
