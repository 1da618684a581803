/** The front door before real servers: what is forwarded, how streams pass, and what is said of a service that is away. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createServer as createEdge, frontDoor } from '../src/index.ts';

const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const seen: IncomingMessage[] = [];
const logged: { readonly level: number; readonly msg: string }[] = [];
const logger = pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) });
let upstream: Server;
let front: string;
let app: Awaited<ReturnType<typeof createEdge>>;

const portOf = (server: Server): number => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No port.');
  return address.port;
};
const listening = async (server: Server): Promise<Server> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
};

beforeAll(async () => {
  upstream = await listening(
    createServer((from, to) => {
      seen.push(from);
      const answer = answers.get((from.url ?? '').split('?')[0] ?? '');
      if (answer) answer(from, to);
      else to.writeHead(404).end('{}');
    }),
  );
  const nobody = await listening(createServer());
  const away = portOf(nobody);
  nobody.close();
  app = await createEdge({ host: '127.0.0.1', logger, version: '0.0.0' });
  await frontDoor(app, [
    { name: 'qa-scoring', url: `http://127.0.0.1:${portOf(upstream)}`, paths: ['/qa'] },
    { name: 'evaluation', url: `http://127.0.0.1:${away}`, paths: ['/evaluation'] },
  ]);
  await app.listen({ host: '127.0.0.1', port: 0 });
  front = `http://127.0.0.1:${portOf(app.server)}`;
});
afterAll(async () => {
  await app.close();
  upstream.closeAllConnections();
  upstream.close();
});

test('a sender that asks whether to go on, as curl does before large bodies, is told to, and its body goes through', async () => {
  answers.set('/qa/v1/asked', async (from, to) => {
    let bytes = 0;
    for await (const chunk of from) bytes += (chunk as Buffer).length;
    to.writeHead(200).end(String(bytes));
  });
  const sending = request(`${front}/qa/v1/asked`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 2_000_000, expect: '100-continue' },
  });
  sending.flushHeaders();
  await once(sending, 'continue');
  sending.end('x'.repeat(2_000_000));
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  expect([answer.statusCode, text]).toEqual([200, '2000000']);
});

test('a request goes through as it is, and its answer comes back as it is', async () => {
  answers.set('/qa/v1/things', async (from, to) => {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    to.writeHead(429, { 'retry-after': '7', 'content-type': 'application/problem+json' }).end(Buffer.concat(chunks));
  });
  const body = JSON.stringify({ said: '你好', bytes: 'x'.repeat(300_000) });
  const headers = { 'content-type': 'application/cloudevents+json', origin: front, 'idempotency-key': 'k' };
  const response = await fetch(`${front}/qa/v1/things?a=1&b=%20`, { method: 'POST', headers, body });
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('7');
  expect(await response.text()).toBe(body);
  const forwarded = seen.at(-1);
  expect(forwarded?.url).toBe('/qa/v1/things?a=1&b=%20');
  expect(forwarded?.headers).toMatchObject({ 'content-type': 'application/cloudevents+json', 'idempotency-key': 'k' });
  // To the service it would be another site's.
  expect(forwarded?.headers.origin).toBeUndefined();
});

test('another site is refused here, before the service hears of it', async () => {
  const before = seen.length;
  const headers = { origin: 'http://evil.example' };
  const response = await fetch(`${front}/qa/v1/things`, { method: 'POST', headers, body: '{}' });
  expect(await response.json()).toMatchObject({ status: 403, code: 'ORIGIN_NOT_ALLOWED' });
  expect(seen).toHaveLength(before);
});

test('a stream arrives while it is being said, and ends for the service when its reader goes', async () => {
  let say: ServerResponse | undefined;
  let gone = false;
  answers.set('/qa/v1/stream', (_from, to) => {
    say = to.writeHead(200, { 'content-type': 'text/event-stream' });
    to.write('data: 1\n\n');
    to.on('close', () => {
      gone = true;
    });
  });
  const reader = request(`${front}/qa/v1/stream`, { headers: { accept: 'text/event-stream' } }).end();
  const [response] = (await once(reader, 'response')) as [IncomingMessage];
  expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
  say?.write('data: 2\n\n');
  expect(String((await once(response, 'data'))[0])).toBe('data: 2\n\n');
  expect(gone).toBe(false);
  reader.destroy();
  await vi.waitFor(() => expect(gone).toBe(true));
});

test('an answer that breaks off in the middle breaks off here too, and is not taken for the whole', async () => {
  answers.set('/qa/v1/half', (_from, to) => {
    to.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('{"progress":1}\n');
    void wait(50).then(() => to.destroy());
  });
  const response = await fetch(`${front}/qa/v1/half`);
  await expect(response.text()).rejects.toThrow();
});

test('of a service that is away it is said which, and when to come back; the others go on', async () => {
  for (const method of ['GET', 'POST'] as const) {
    const response = await fetch(`${front}/evaluation/v1/effects`, { method });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({
      code: 'SERVICE_AWAY',
      detail: expect.stringContaining('evaluation does not answer at http://127.0.0.1:'),
    });
  }
  expect((await fetch(`${front}/qa/v1/nothing`)).status).toBe(404);
});

const WARN = 40;

test.each([
  ['waits for its answer', {}, undefined],
  ['sends its body', { method: 'POST', headers: { 'content-length': 20 } }, 'x'],
  ['waits for the answer to its body', { method: 'POST', headers: { 'content-length': 1 } }, 'x'],
])('a client that goes away while it %s is no error', async (_, options, body) => {
  const arrived = Promise.withResolvers<() => void>();
  answers.set('/qa/v1/slow', (from, to) => {
    from.on('error', () => undefined).resume();
    arrived.resolve(() => to.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"code":"AWAY"}'));
  });
  logged.length = 0;
  const sending = request(`${front}/qa/v1/slow`, options).on('error', () => undefined);
  if (body === undefined) sending.end();
  else sending.write(body);
  const answer = await arrived.promise;
  sending.destroy();
  await wait(100);
  answer();
  await wait(200);
  expect(logged.filter(({ level }) => level >= WARN)).toEqual([]);
});
