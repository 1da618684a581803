import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { lastingPort } from '../src/index.ts';

test('a lasting port is free, and below those that systems give to clients', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => lastingPort()));
  for (const port of ports) expect(port).toBeLessThan(32_768);
  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('none is given twice, though nobody has taken it yet', async () => {
  const ports: number[] = [];
  for (let i = 0; i < 600; i += 1) ports.push(await lastingPort());
  expect(new Set(ports).size).toBe(600); // drawn at random with repetitions, eleven of them would be expected to be alike
});
