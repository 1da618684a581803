/** The writer on a real socket: a client that pauses is waited for, one that has stopped is let go. */
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Writer } from '../src/feed/writer.ts';

const BEAT = ': still here\n\n';
/** More than the sockets of both sides take. */
const PIECE = 'x'.repeat(16 * 1024 * 1024);

const server = createServer();
let raw: ServerResponse;
let client: IncomingMessage;
/** A client that has the head and reads nothing yet. */
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.once('request', (_, response: ServerResponse) => {
    raw = response;
    raw.flushHeaders();
  });
  get({ host: '127.0.0.1', port }, (reply) => {
    client = reply.on('error', () => undefined); // cut off, where a test is about that
    resolve();
  });
  await promise;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('signs of life that fall due while an event waits neither end that wait nor the connection', async () => {
  const writer = new Writer(raw, new AbortController().signal, 3_000);
  const waiting = writer.write(PIECE);
  expect(raw.writableNeedDrain).toBe(true);
  for (let due = 0; due < 3; due++) writer.beat(BEAT, 0);
  let read = 0;
  client.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  expect(await waiting).toBe(true);
  await vi.waitFor(() => expect(read).toBe(PIECE.length)); // no sign of life behind it: the event was one
  writer.beat(BEAT, 0);
  await vi.waitFor(() => expect(read).toBe(PIECE.length + BEAT.length));
  expect(await writer.write('next')).toBe(true);
});

test('a client that has taken not even a sign of life for too long is let go', async () => {
  const writer = new Writer(raw, new AbortController().signal, 50);
  writer.beat(PIECE, 0);
  expect(raw.destroyed).toBe(false);
  await vi.waitFor(() => {
    writer.beat(BEAT, 0);
    expect(raw.destroyed).toBe(true);
  });
});
