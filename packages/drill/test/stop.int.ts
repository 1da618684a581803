/** Whoever stops a drill, early or late, finds nothing of it afterwards: no process, no mount, no folder. */
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { kafkaOrigin, mongoOrigin } from '@coachloop/servers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAIN } from './drilled.ts';

const PATIENCE_MS = 300_000;
const LOOK_MS = 20;
const KAFKA_ENV = { ...process.env, KAFKA_BROKERS: '', MONGODB_URI: '' };
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const isThere = (await Promise.all([kafkaOrigin(KAFKA_ENV), mongoOrigin(KAFKA_ENV)])).every((each) => each === 'java');

/** Everything that a drill makes lies in here, and each of its processes has it in its environment. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coachloop-stop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stops it when it has come so far. Returns its exit code. */
async function stopped(signal: NodeJS.Signals, words: readonly string[], isFarEnough: (said: string) => boolean) {
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const closed = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  while (!isFarEnough(said) && child.exitCode === null) await setTimeout(LOOK_MS);
  expect(child.exitCode, said).toBe(null);
  child.kill(signal);
  child.kill(signal); // one key press comes several times
  return { code: await closed, said };
}

/** Which have our folder in their environment; none where the system does not tell. */
function processes(): readonly string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && isOurs(pid));
}

function isOurs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
  } catch {
    return false; // it has ended
  }
}

const mounts = (): readonly string[] =>
  existsSync('/proc/mounts')
    ? readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(folder))
    : [];

/** A process beside the drill itself: a folder comes before who works in it. */
const hasStarted = () => !existsSync('/proc') || processes().length > 1;

const left = () => ({ processes: processes(), mounts: mounts(), folders: readdirSync(folder) });
const NOTHING = { processes: [], mounts: [], folders: [] };
const isThereNow = (pattern: string) => globSync(join(folder, pattern)).length > 0;
const EMBEDDED = ['--embedded', '--minutes', '0.5', '--seed', '2'];

test.each([
  [
    'SIGTERM',
    143,
    'while its disk is being made',
    (said: string) => isThereNow('coachloop-drill-*/disk.img') || said.includes('data in '), // no disk without root
  ],
  ['SIGINT', 130, 'while the platform starts', (said: string) => said.includes('data in ')],
  ['SIGTERM', 143, 'while it is killed and started again', (said: string) => / 1\/\d+ .*back after/.test(said)],
] as const)('%s (exit code %i) to the embedded drill %s', { timeout: PATIENCE_MS }, async (signal, code, _, when) => {
  const ended = await stopped(signal, EMBEDDED, when);
  expect(ended.code, ended.said).toBe(code);
  expect(ended.said).toContain(`${signal}: cleaning up`);
  expect(left()).toEqual(NOTHING);
});

test('who reads no further what the embedded drill prints has stopped it', { timeout: PATIENCE_MS }, async () => {
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, [MAIN, ...EMBEDDED], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.destroy();
  expect(await closed).toBe(141);
  expect(left()).toEqual(NOTHING);
});

test.skipIf(!required && !isThere).each([
  ['SIGINT', 130, 'while its servers start', () => isThereNow('coachloop-drill-*/**/kafka/*') && hasStarted()],
  [
    'SIGTERM',
    143,
    'while its services start',
    () => isThereNow('coachloop-drill-*/logs/evaluation*.log') && hasStarted(),
  ],
] as const)('%s (exit code %i) to the drill on Kafka %s', { timeout: PATIENCE_MS }, async (signal, code, _, when) => {
  const ended = await stopped(signal, ['--minutes', '0.5'], when);
  expect(ended.code, ended.said).toBe(code);
  expect(left()).toEqual(NOTHING);
});
