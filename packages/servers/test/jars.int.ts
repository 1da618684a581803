import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureJars, readJarList } from '../src/jars.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const files: Record<string, string> = { 'org/a/a.jar': 'first', 'org/b/b.jar': 'second' };
const list = {
  name: 'test',
  sha256: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256(text)])),
};

/** A Maven repository that serves these files, and counts. */
async function repository(served: Record<string, string>) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const text = served[(request.url ?? '').replace('/maven/', '')];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const cache = mkdtempSync(join(tmpdir(), 'coachloop-jars-'));
  onTestFinished(() => {
    server.close();
    rmSync(cache, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const env = { COACHLOOP_MAVEN_URL: `http://127.0.0.1:${port}/maven/`, COACHLOOP_SERVERS_CACHE: cache };
  return { env, requests: () => requests };
}

test('jars are downloaded once, from the mirror that is named', async () => {
  const { env, requests } = await repository(files);
  const folder = await ensureJars(list, env, () => undefined);
  expect(readdirSync(folder).sort()).toEqual(['a.jar', 'b.jar']);
  await ensureJars(list, env, () => undefined);
  expect(requests()).toBe(2);
});

test('a jar that is not what it should be is refused, and nothing of it stays', async () => {
  const { env } = await repository({ ...files, 'org/b/b.jar': 'something else' });
  await expect(ensureJars(list, env, () => undefined)).rejects.toMatchObject({
    code: 'SERVER_DOWNLOAD_FAILED',
    message: expect.stringContaining('b.jar: its SHA-256 is'),
  });
  expect(readdirSync(join(env.COACHLOOP_SERVERS_CACHE, 'test'))).not.toContain('b.jar');
});

test('every jar of Kafka has a place and a hash', () => {
  const { name, sha256: hashes } = readJarList('kafka');
  expect(name).toBe('kafka-4.1.0');
  expect(Object.keys(hashes)).toHaveLength(46);
  for (const [path, hash] of Object.entries(hashes)) expect(`${path} ${hash}`).toMatch(/^[\w./-]+\.jar [0-9a-f]{64}$/);
});
