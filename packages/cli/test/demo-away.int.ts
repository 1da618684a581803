import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { lastingPort } from '@coachloop/servers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startDemo } from '../src/demo/centre.ts';
import { start } from './harness/command.ts';

const START_MS = Date.UTC(2026, 4, 4, 10);

test('while the platform is away the centre waits for it, for a quarter of an hour, and says so', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  let refused = 0;
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/training/')) return void response.end('{"items":[]}');
    refused += 1;
    response.writeHead(503).end('{"code":"SERVICE_AWAY","detail":"call-ingest does not answer"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const begunMs = performance.now();
  const onFailed = vi.fn();
  const centre = startDemo({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock: {
      now: () => START_MS + 60 * (performance.now() - begunMs),
      sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
    },
    startMs: START_MS,
    agents: 12,
    firstCall: 1,
    onFailed,
  });
  onTestFinished(async () => {
    await centre.stop();
    server.close();
    vi.restoreAllMocks();
  });
  await vi.waitFor(
    () =>
      expect(said).toHaveBeenCalledWith(expect.stringMatching(/asks to wait \(503\); trying again for up to 900 s/)),
    { timeout: 30_000, interval: 100 },
  );
  expect(refused).toBeGreaterThan(1);
  expect(onFailed).not.toHaveBeenCalled();
});

test('a platform that is still being started is waited for', async () => {
  const port = await lastingPort();
  const demo = start(['demo', '--url', `http://127.0.0.1:${port}`]);
  const closed = once(demo, 'close');
  let said = '';
  demo.stderr?.on('data', (chunk: string) => {
    said += chunk;
  });
  await vi.waitFor(() => expect(said).toContain('does not answer yet; trying again for up to 120 s'));
  const server = createServer((request, response) => {
    if (request.url === '/demo/v1')
      response.end(JSON.stringify({ now: new Date().toISOString(), speed: 60, pace: 60 }));
    else response.writeHead(503).end('{}');
  }).listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await vi.waitFor(() => expect(said).toContain(`A demo centre of`));
  demo.kill('SIGTERM');
  await closed;
});
