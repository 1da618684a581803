import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { kafkaOrigin } from '../src/index.ts';

const main = join(import.meta.dirname, '..', 'src', 'main.ts');
const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '', DOCKER_HOST: 'unix:///nowhere' });

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  /** Where the brokers keep their data. */
  readonly folder: string;
  /** `said`: on stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
  /** So far. */
  readonly said: () => string;
}

/** `npm run servers` with Kafka from Java, until it said where. */
async function servers(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'coachloop-servers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, KAFKA_BROKERS: '', DOCKER_HOST: 'unix:///nowhere', TMPDIR: folder };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<{ code: number | null; said: string }>((settle) =>
    child.once('close', (code) => settle({ code, said })),
  );
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  void ended.then(({ code }) => reject(new Error(`ended with ${code}: ${said}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const port = /KAFKA_BROKERS='127\.0\.0\.1:(\d+)'/.exec(line)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  return { child, port: await promise, folder, ended, said: () => said };
}

/** The port of somebody who listens, and says nothing. */
async function somebody(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Somebody listens there. */
const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(socket.destroy() !== null));
    socket.on('error', () => resolve(false));
  });

/** `npm run servers` to its end, with these variables. */
const run = async (given: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  const [[status], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
};

test('what is printed is read by a shell as it is', async () => {
  const port = await somebody();
  const [KAFKA_BROKERS, MONGODB_URI] = [
    `127.0.0.1:1,localhost:${port}`,
    `mongodb://u:p$HOME'q@127.0.0.1:${port}/db?replicaSet=rs0&tls=true`,
  ];
  const { status, stdout: lines, stderr } = await run({ KAFKA_BROKERS, MONGODB_URI });
  // Both are others': there is nothing to stop, nor to stay for.
  expect(stderr).toMatch(/Nothing was started: KAFKA_BROKERS and MONGODB_URI name what is there\.\n$/);
  expect(status).toBe(0);
  expect(stderr).not.toMatch(/Ctrl-C/);
  const script = `${lines}\nprintf '%s\n' "$KAFKA_BROKERS" "$MONGODB_URI"`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  expect(stdout.split('\n')).toEqual([KAFKA_BROKERS, MONGODB_URI, '']);
});

test('servers that are named and do not answer are told, all of them, and nothing is printed for a shell', async () => {
  const given = { KAFKA_BROKERS: '127.0.0.1:1,[::1]:1', MONGODB_URI: 'mongodb://u:hush@127.0.0.1:1/db' };
  const { status, stdout, stderr } = await run(given);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^KAFKA_BROKERS: nothing answers at 127\.0\.0\.1:1, \[::1\]:1\. .*unset the variable/);
  expect(stderr).toMatch(/\nMONGODB_URI: nothing answers at 127\.0\.0\.1:1\. /);
  expect(stderr).not.toContain('hush');
});

test('one that is named and does not answer keeps the other from being started', async () => {
  const { status, stdout, stderr } = await run({ KAFKA_BROKERS: '', MONGODB_URI: 'mongodb://127.0.0.1:1' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^MONGODB_URI: nothing answers/)]);
});

describe.skipIf(origin !== 'java')('a Kafka that was started', { timeout: 240_000 }, () => {
  test('is missed when it ends by itself: the rest is stopped too', async () => {
    const { child, folder, ended } = await servers();
    const processes = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).stdout.split('\n');
    const broker = processes.find((line) => /^ *\d+ \S*java .* kafka\.Kafka /.test(line) && line.includes(folder));
    process.kill(Number(broker?.trim().split(' ')[0]), 'SIGKILL');
    const { code, said } = await ended;
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/KAFKA_BROKERS: this server has ended/) });
    expect(child.exitCode).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`is gone with its data after ${signal}`, async () => {
      const { child, port, folder, said } = await servers();
      expect(await listens(port)).toBe(true);
      await vi.waitFor(() => expect(said()).toMatch(/Ready\. Ctrl-C stops what was started/));
      const data = join(folder, readdirSync(folder)[0] ?? '');
      expect(existsSync(join(data, '1', 'data'))).toBe(true);
      child.kill(signal);
      await vi.waitFor(async () => expect(await listens(port)).toBe(false), { timeout: 60_000 });
      await vi.waitFor(() => expect(existsSync(join(data, '1'))).toBe(false), { timeout: 60_000 });
    });
  }
});
