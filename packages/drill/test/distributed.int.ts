/** The drill on a real Kafka in small: each kind of fault once, on real processes. */
import { kafkaOrigin, mongoOrigin } from '@coachloop/servers';
import { expect, test } from 'vitest';
import { drill, kindsOf, noticeNotRun, type Told } from './drilled.ts';

/** Seventeen faults, each kind among them: points that are passed at once, sleepers that fall asleep early, a release that fails at much. */
const SEED = '82432';
const KINDS = new Set([
  'SIGSTOP at a point',
  'SIGSTOP beyond the session, then SIGCONT',
  'a service down, and kill -9 as it catches up',
  'a service down, and hours later kill -9',
  'an instance added',
  'an instance removed: SIGTERM, exit 0',
  'disk full',
  'kill at a point',
  'kill -9 of a service',
  'kill -9 of the broker, started again',
  'kill -9 of the database, started again',
  'the clock of a process up to 1 h off',
  'a group set back: everything is read again',
  'the database is slow',
  'a release that fails, then replays',
  'a newer release writes fields of its own',
]);
/** On a quiet machine about three minutes; a busy one may take long. */
const PATIENCE_MS = 900_000;
const env = { ...process.env, KAFKA_BROKERS: '', MONGODB_URI: '' };
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const isThere = (await Promise.all([kafkaOrigin(env), mongoOrigin(env)])).every((origin) => origin === 'java');
if (!isThere) process.stderr.write('NOTICE: the drill on Kafka needs Java 17 with its compiler; it is not run here.\n');

test.skipIf(!required && !isThere)(
  'whatever is killed, frozen, added, removed or full, nothing is lost and nothing doubled',
  async () => {
    const { code, stdout, stderr } = await drill('--minutes', '1.99', '--seed', SEED, '--rate', '3', '--json');
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as Told;
    noticeNotRun(told);
    const { ok, violations, broken } = told;
    expect({ ok, violations, broken }).toEqual({ ok: true, violations: [], broken: null });
    expect(kindsOf(told)).toEqual(KINDS);
    expect(told.faults.reduce((sum, { survived }) => sum + survived, 0)).toBeGreaterThan(5);
    expect(told.figures.overdue).toBeGreaterThan(0);
    expect(told.figures.poisonOnTheBus).toBeGreaterThan(0);
    const nothingFailed = /fails at \d+ of 100 .*(not run|nothing came at which it failed)/.test(stderr);
    if (!nothingFailed) expect(told.figures.lettersReplayed).toBeGreaterThan(0);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^drill: seed ${SEED}: \\d+ faults survived(, \\d+ not run)?, 0 lost, 0 doubled, in order$`),
    );
  },
  PATIENCE_MS,
);

test('the same seed prints the same schedule, and nothing else is done', async () => {
  const [first, again, other] = await Promise.all(['4', '4', '5'].map((seed) => drill('--dry-run', '--seed', seed)));
  expect(first?.code).toBe(0);
  expect(first?.stdout).toMatch(/SIGSTOP|SIGTERM|kill -9/);
  expect(again?.stdout).toBe(first?.stdout);
  expect(other?.stdout).not.toBe(first?.stdout);
});
