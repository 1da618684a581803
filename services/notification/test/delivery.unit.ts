import { existsSync, readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardedLookup, isPublic, urlFaultOf } from '../src/delivery/address.ts';
import { backoff } from '../src/delivery/options.ts';
import { retryAfterOf, signedHeaders } from '../src/delivery/post.ts';
import { Slots } from '../src/delivery/slots.ts';
import { type Figures, handleFigures, newFigures, REPORT_COMMAND, type Report } from '../src/domain/webhook-figures.ts';

const samples = process.env.COACHLOOP_SAMPLES;
const vectorFile = join(samples ?? '', 'standards/standard-webhooks-vector.json');
test.skipIf(samples === undefined || !existsSync(vectorFile))(
  'the published vector of Standard Webhooks (needs COACHLOOP_SAMPLES)',
  () => {
    const vector = JSON.parse(readFileSync(vectorFile, 'utf8'));
    const at = Number(vector['webhook-timestamp']) * 1000;
    expect(signedHeaders(vector['webhook-id'], vector.body, [vector.secret], at + 999)).toEqual({
      'webhook-id': vector['webhook-id'],
      'webhook-timestamp': vector['webhook-timestamp'],
      'webhook-signature': vector['webhook-signature'],
    });
  },
);

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '2001::1',
    'nonsense',
  ])('%s is not public', (address) => expect(isPublic(address)).toBe(false));

  test.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
    '%s is public',
    (address) => expect(isPublic(address)).toBe(true),
  );

  test.each([
    ['http://127.1/x'],
    ['http://0x7f000001/'],
    ['http://2130706433/'],
    ['http://[::1]:8080/'],
    ['http://[::ffff:127.0.0.1]/'],
    ['http://169.254.169.254/latest'],
  ])('%s is refused, however it is written, and allowed where private ones are', (url) => {
    expect(urlFaultOf(url, false)).toContain('not a public address');
    expect(urlFaultOf(url, true)).toBeNull();
  });

  test('a name that leads to a private address is not connected to', async () => {
    const server = createServer((_, reply) => reply.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (allow: boolean) =>
      new Promise((resolve, reject) => {
        const asked = request(
          { host: 'localhost', port, family: 4, agent: new Agent(), lookup: guardedLookup(allow) },
          (reply) => {
            reply.resume();
            resolve(reply.statusCode);
          },
        );
        asked.on('error', reject).end();
      });
    expect(await ask(true)).toBe(200);
    await expect(ask(false)).rejects.toMatchObject({ code: 'WEBHOOK_URL_NOT_ALLOWED' });
    server.closeAllConnections();
    server.close();
  });
});

describe('waits', () => {
  test('double, up to the most, never shorter than half', () => {
    const waits = { first: 1_000, most: 60_000 };
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const wait = backoff(failures, waits, () => random);
        const whole = Math.min(60_000, 1_000 * 2 ** failures);
        expect(wait).toBeGreaterThanOrEqual(whole / 2);
        expect(wait).toBeLessThanOrEqual(whole);
      }),
    );
  });

  test.each([
    [undefined, undefined],
    ['7', 7_000],
    ['999999', 3_600_000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
  ])('Retry-After %s is %s ms', (header, ms) => {
    expect(retryAfterOf(header, 1_000)).toBe(ms);
  });
});

test('slots: never more at once, everybody gets a turn, a failure gives its slot back', async () => {
  const slots = new Slots(3);
  let now = 0;
  let most = 0;
  const done = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) =>
      slots.run(async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now -= 1;
        if (i % 7 === 0) throw new Error('no');
        return i;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(34);
});

describe('figures', () => {
  const report = (state: Figures, more: Partial<Report>): Figures => {
    const data: Report = {
      epoch: 1,
      delivered: 0,
      lastDeliveredMs: null,
      lastAttemptMs: 1,
      lastStatus: 500,
      lastError: 'e',
      failing: [],
      flowing: [],
      ...more,
    };
    const { state: next } = handleFigures(state, {
      id: 'r',
      kind: 'command',
      type: REPORT_COMMAND,
      source: 's',
      time: 0,
      data,
      origin: null,
    });
    if (!next) throw new Error('forgotten');
    return next;
  };
  const lane = (name: string, sinceMs: number) => ({ lane: name, sinceMs, status: 500, error: 'e' });

  test('a failure keeps its first moment over processes, ends with a success, and is forgiven in a new epoch', () => {
    let state = report(newFigures('w'), { failing: [lane('a/1', 100), lane('b/2', 150)] });
    state = report(state, { failing: [lane('a/1', 900)] });
    expect(state.failing.map(({ sinceMs }) => sinceMs)).toEqual([150, 100]);
    state = report(state, { flowing: ['a/1'], delivered: 4, lastDeliveredMs: 950 });
    expect(state).toMatchObject({ delivered: 4, failing: [{ lane: 'b/2' }] });
    state = report(state, { epoch: 2, failing: [lane('b/2', 1_000)] });
    expect(state.failing).toEqual([lane('b/2', 1_000)]);
    expect(report(state, { epoch: 1, failing: [lane('b/2', 1)] }).failing).toEqual(state.failing);
  });
});
