/** Letters that go while they are replayed, as those of a generation that was replaced. Nothing of ours takes them away at will, so a small server tells of them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Letter } from '../src/commands/dead-letters.ts';
import { coachloop } from './harness/command.ts';

const COUNT = 30;
const letters = Array.from({ length: COUNT }, (_, i): Letter => {
  const service = i === 3 ? 'live-metrics.g1' : 'qa-scoring';
  const parkedAt = new Date(Date.UTC(2026, 4, 4) - i * 1_000).toISOString();
  const facts = { status: 'open', code: 'EVENT_INVALID', reason: 'no reason', replays: 0 } as const;
  return { id: `letter-${i}`, service, aggregate: 'a/b', origin: null, parkedAt, ...facts };
});
const handled = new Set<string>();
const asked: string[] = [];

let server: Server;
beforeAll(async () => {
  server = createServer(({ method, url = '' }, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(body));
    };
    asked.push(`${method} ${url}`);
    const [, service, id] = /^\/ops\/v1\/dead-letters\/([^/]+)\/([^/?]+)/.exec(url) ?? [];
    if (id === undefined) {
      const items = letters.filter((letter) => !handled.has(letter.id) && letter.service === 'qa-scoring');
      return answer(200, { items: handled.size === 0 ? letters : items });
    }
    if (service !== 'qa-scoring') return answer(404, { status: 404, code: 'NOT_FOUND', detail: 'It went.' });
    handled.add(id);
    return answer(202, { replayed: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

it('one that is gone holds up none of the others, and none is asked for singly', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stdout, stderr } = await coachloop([
    ...['dead-letters', 'replay', '--all', '--rate', 'max', '--json', '--url', url],
  ]);
  expect({ code, told: JSON.parse(stdout), stderr }).toMatchObject({
    code: 0,
    told: { letters: COUNT, replayed: COUNT - 1, open: [] },
  });
  expect(handled.size).toBe(COUNT - 1);
  expect(asked.filter((each) => /^GET .*letter-/.test(each))).toEqual([]);
});
