import { LogError } from '@coachloop/event-log';
import { RuntimeError } from '@coachloop/runtime';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { createLogger, createServer } from '../src/index.ts';
import { inFlight } from '../src/strict.ts';

const app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0.0.0' });
const answer = { schema: { querystring: Type.Object({ window: Type.Optional(Type.String()) }) } };
app.get('/things/v1/:id', answer, async () => ({ fine: true }));
app.post('/things/v1/:id', async ({ body }) => ({ body }));

type Method = 'GET' | 'POST' | 'DELETE';
const ask = async (method: Method, url: string, more: object = {}, headers: Record<string, string> = {}) => {
  const {
    statusCode,
    headers: answered,
    body,
  } = await app.inject({ method, url, headers: { host: 'localhost', ...headers }, ...more });
  return { status: statusCode, allow: answered.allow, ...(JSON.parse(body) as { code?: string; detail?: string }) };
};

test('a method that a path does not take is told which it takes; an unknown path has none', async () => {
  const refused = await ask('DELETE', '/things/v1/a');
  expect(refused).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  expect(refused.allow?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  expect(await ask('DELETE', '/things/v1/a/b')).toMatchObject({
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    allow: undefined,
  });
});

test('an address that cannot be decoded is a problem, too', async () => {
  expect(await ask('GET', '/things/v1/%ff')).toMatchObject({ status: 400, code: 'REQUEST_MALFORMED' });
});

test('a misspelt parameter is named, with those that there are', async () => {
  expect(await ask('GET', '/things/v1/a?window=week')).toMatchObject({ status: 200 });
  expect(await ask('GET', '/things/v1/a?windo=week')).toMatchObject({
    status: 400,
    code: 'REQUEST_INVALID',
    detail: 'querystring/windo is unknown; there are window.',
  });
});

test('a compressed body is refused as such, not as damaged JSON', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  expect(await ask('POST', '/things/v1/a', { payload: Buffer.from([31, 139, 8, 0]) }, headers)).toMatchObject({
    status: 415,
    code: 'MEDIA_TYPE_UNSUPPORTED',
  });
});

test('bodies that would take too much memory together are refused with a time to come back; one alone fits', async () => {
  const check = inFlight(1_000);
  const closes: (() => void)[] = [];
  const raw = { once: (_: string, close: () => void) => closes.push(close) };
  const send = (headers: Record<string, string>) =>
    check({ headers, routeOptions: { bodyLimit: 800 } } as never, { raw } as never);
  await send({ 'content-length': '5000' });
  await expect(send({ 'content-length': '1' })).rejects.toMatchObject({
    code: 'TOO_MUCH_AT_ONCE',
    status: 503,
    retryAfter: 1,
  });
  await send({});
  closes.pop()?.();
  await send({ 'transfer-encoding': 'chunked' });
  await send({ 'content-length': '200' });
  await expect(send({ 'content-length': '1' })).rejects.toMatchObject({ status: 503 });
  for (const close of closes.splice(0)) close();
  await send({ 'content-length': '1000' });
});

test('a page of another site is refused, under its own name and through a changed one', async () => {
  expect(await ask('GET', '/things/v1/a', {}, { host: 'evil.example' })).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
  expect(await ask('POST', '/things/v1/a', {}, { origin: 'https://evil.example' })).toMatchObject({
    status: 403,
    code: 'ORIGIN_NOT_ALLOWED',
  });
});

test('a log that is away is a 503 that says when to come again, and no error of ours', async () => {
  const failing = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0.0.0' });
  failing.get('/', async () => {
    throw new LogError('LOG_UNAVAILABLE', 'Reading offsets: it does not answer');
  });
  const { statusCode, headers, body } = await failing.inject({ url: '/', headers: { host: 'localhost' } });
  expect([statusCode, headers['retry-after'], JSON.parse(body).code]).toEqual([503, '5', 'LOG_UNAVAILABLE']);
});

test.each([
  ['RUNTIME_OVERLOADED', 429, '5'],
  ['RUNTIME_STOPPED', 503, '5'],
  ['RUNTIME_TARGET_INVALID', 400, undefined],
  ['RUNTIME_SCHEMA_UNKNOWN', 500, undefined],
] as const)(
  '%s is answered with %i, and says when to come again only where that may help',
  async (code, status, after) => {
    const failing = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0.0.0' });
    failing.get('/', async () => {
      throw new RuntimeError(code, 'Not like this.');
    });
    const { statusCode, headers } = await failing.inject({ url: '/', headers: { host: 'localhost' } });
    expect([statusCode, headers['retry-after']]).toEqual([status, after]);
  },
);
