/** What the tests of this service share: the real kernel and server on either kind of adapters, and real receivers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentIdOf, type CloudEvent, toHeaders } from '@coachloop/contracts';
import { EXAMPLES } from '@coachloop/contracts/examples';
import type { DocumentStore } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog } from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { Clock } from '@coachloop/runtime';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { type NotificationOptions, notification } from '../src/index.ts';

export const AGENT = agentIdOf('https://pbx.example/centre-1', '1042');

/** Data of an event type that fits its contract. */
export function example(topic: keyof typeof EXAMPLES, type: string, more: object = {}): object {
  const found = EXAMPLES[topic][type];
  if (found === undefined) throw new Error(`There is no example of ${type}.`);
  return { ...(found as object), agentId: AGENT, ...more };
}

export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
  close(): Promise<void>;
}

export const memoryAdapters = async (): Promise<Adapters> => {
  const log = createMemoryLog({ clock: systemClock });
  return { log, store: createMemoryStore(), close: () => log.close() };
};

export function embeddedFolder() {
  const directory = mkdtempSync(join(tmpdir(), 'coachloop-notification-'));
  const onFatal = (error: Error) => {
    throw error;
  };
  return {
    directory,
    open: (): Promise<Adapters> =>
      openEmbedded({ directory, clock: systemClock, durability: 'process-crash', onFatal }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Quick enough for tests; the rules are the same. */
export const QUICK = {
  timeoutMs: 10_000,
  backoffMs: { first: 5, most: 40 },
  reconcileEveryMs: 25,
  reportEveryMs: 25,
  stopMs: 200,
} as const;

export interface Running {
  readonly platform: Platform;
  readonly url: string;
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: never }>;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: never }>;
}

export async function startPlatform(
  { log, store }: Adapters,
  options: NotificationOptions = {},
  clock: Clock = systemClock,
): Promise<Running> {
  const services = [notification({ allowPrivate: true, ...options, delivery: { ...QUICK, ...options.delivery } })];
  const logger = createLogger('silent');
  const platform = await Platform.start({
    services,
    log,
    store,
    clock,
    host: '127.0.0.1',
    port: 0,
    logger,
    version: '0',
  });
  const ask = async (path: string, init: RequestInit) => {
    const reply = await fetch(`${platform.url}${path}`, init);
    const text = await reply.text();
    return { status: reply.status, body: (text === '' ? null : JSON.parse(text)) as never };
  };
  return {
    platform,
    url: platform.url,
    get: (path, headers = {}) => ask(path, { headers: { accept: 'application/json', ...headers } }),
    send: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

let born = 0;

export interface Said {
  readonly topic: string;
  readonly event: CloudEvent;
}

/** Events as another service's kernel would publish them: each of its own document unless `stream` says otherwise. */
export function eventOf(topic: string, type: string, data: object, more: Partial<CloudEvent> = {}): Said {
  born += 1;
  const event: CloudEvent = {
    id: crypto.randomUUID(),
    source: 'coachloop/test',
    type,
    time: Date.now(),
    key: AGENT,
    stream: `stream-${born}`,
    seq: 1,
    born,
    data,
    ...more,
  };
  return { topic, event };
}

/** @param timestampMs when they were appended; absent: now. */
export async function publish(log: EventLog, said: readonly Said[], timestampMs?: number): Promise<void> {
  await log.append(
    said.map(({ topic, event }) => ({
      topic,
      key: event.key,
      headers: toHeaders(event),
      value: Buffer.from(JSON.stringify(event.data)),
      ...(timestampMs === undefined ? {} : { timestampMs }),
    })),
  );
}

/** Trainings begun, of many keys: they spread over the partitions, and by the default rules nobody is told. */
export const started = (count: number): Said[] =>
  Array.from({ length: count }, (_, i) =>
    eventOf('training-events', 'training.started', example('training-events', 'training.started', { agentId: AGENT }), {
      key: `agent-${i % 30}`,
    }),
  );

export interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real receiver. `answer` decides; by default it takes everything. */
export async function startReceiver(
  answer: (received: Received, reply: ServerResponse) => void = (_, reply) => reply.writeHead(204).end(),
) {
  const received: Received[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() };
      received.push(one);
      answer(one, reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** In the order of their first arrival. */
    ids: () => [...new Set(received.map(({ headers }) => String(headers['webhook-id'])))],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
