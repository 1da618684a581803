/**
 * `migrate`, from a folder with everything in it (open cases with deadlines, dead letters, a webhook, records that nobody has
 * handled) to a real Kafka and MongoDB. Then the same calls go to the moved installation and to a copy of the folder.
 */
import { cpSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type MongoStore, openMongoStore } from '@coachloop/document-store/mongo';
import type { EventLog, NewRecord } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import {
  type KafkaServer,
  kafkaOrigin,
  type MongoServer,
  mongoOrigin,
  startKafka,
  startMongo,
} from '@coachloop/servers';
import type { Platform } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Letter } from '../src/commands/dead-letters.ts';
import { openSource, type Source } from '../src/migrate/source.ts';
import { cleanUp, coachloop, ended, json, start, temporaryFolder, until } from './harness/command.ts';
import {
  type Adapters,
  AheadClock,
  digestOf,
  documentsOf,
  recordsOf,
  startPlatform,
  verifyAll,
} from './harness/installation.ts';
import { callOnTheBus } from './harness/on-the-bus.ts';

const origins = [
  await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' }),
  await mongoOrigin({ ...process.env, MONGODB_URI: '' }),
];
const required = ['kafka', 'mongo'].every((one) => (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes(one));
const DAY_MS = 86_400_000;
const START = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS).toISOString();
const ERA = 'after-a-restore';

describe.skipIf(!required && origins.includes(undefined))('migrate', { timeout: 240_000 }, () => {
  const clock = new AheadClock();
  const folder = join(temporaryFolder(), 'data');
  const control = join(temporaryFolder(), 'data');
  /** What the webhook was sent, by phase. */
  const sent = { before: [] as string[], control: [] as string[], moved: [] as string[] };
  let phase: keyof typeof sent = 'before';
  let receiver: Server;
  let kafka: KafkaServer;
  let mongo: MongoServer;
  let log: EventLog;
  let store: MongoStore;
  let cursor = '';
  /** Records of the folder, as the dry run says. */
  let total = 0;

  const opened = (directory: string) =>
    openEmbedded({
      directory,
      clock,
      durability: 'process-crash',
      onFatal: (error) => {
        throw error;
      },
    });
  const env = () => ({ KAFKA_BROKERS: kafka.address, MONGODB_URI: mongo.address });
  const MIGRATE = ['migrate', '--from', folder, '--to', 'kafka'];
  const migrate = (...more: string[]) => coachloop([...MIGRATE, '--json', ...more], { env: env() });
  const simulate = (platform: Platform, calls: number) => {
    const what = ['--agents', '4', '--calls', String(calls), '--seed', '3', '--start', START];
    return json(['simulate', ...what, '--url', platform.url]);
  };
  /** Waits until all is handled. */
  const settled = (platform: Platform) => json(['digest', '--url', platform.url]);
  const get = async <T>(platform: Platform, path: string): Promise<T> =>
    (await (await fetch(platform.url + path, { headers: { accept: 'application/json' } })).json()) as T;

  /** What a platform on the bus wrote while nobody listened; `ahead` is in the future, and will be parked. */
  function intake(i: number, ahead = false): readonly NewRecord[] {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const endedAt = at(ahead ? 2 * DAY_MS : -1_000);
    return callOnTheBus(i, { startedAt: at(-600_000), endedAt, writtenAt: at(-1_000) });
  }

  /** Ids of what a webhook for trainings is to be sent, each once. */
  async function trainings(from: EventLog): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const records of from.scan({ topics: ['training-events'], from: 'start' }))
      for (const { headers } of records) ids.add(Buffer.from(headers.ce_id ?? []).toString());
    return ids;
  }

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const id = request.headers['webhook-id'];
      if (typeof id === 'string') sent[phase].push(id); // whoever else knocks at a free port of this machine is no matter
      request.resume().on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    [kafka, mongo] = await Promise.all([startKafka(), startMongo()]);
    log = openKafkaLog({ brokers: kafka.address.split(','), clock });
    store = await openMongoStore({ uri: mongo.address });
    const adapters = await opened(folder);
    const platform = await startPlatform(adapters, clock, ERA);
    const { port } = receiver.address() as { port: number };
    const hook = { url: `http://127.0.0.1:${port}/`, types: ['training.*'], from: 'start' };
    await fetch(`${platform.url}/notification/v1/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'hook' },
      body: JSON.stringify(hook),
    });
    await simulate(platform, 70);
    await adapters.log.append(intake(0, true));
    await settled(platform);
    const wanted = await trainings(adapters.log);
    await until(async () => sent.before.length >= wanted.size);
    const page = await get<{ next: string }>(platform, '/events/v1?limit=40');
    cursor = page.next;
    await json(['rebuild', 'live-metrics', '--url', platform.url]);
    await platform.stop();
    for (let i = 1; i < 20; i++) await adapters.log.append(intake(i));
    await adapters.close();
    cpSync(folder, control, { recursive: true });
  }, 240_000);
  afterAll(async () => {
    await log?.close();
    await store?.close();
    await kafka?.stop();
    await mongo?.stop();
    receiver?.close();
    await cleanUp();
  }, 60_000);

  it('says what it would do, and does nothing of it', async () => {
    const dry = await migrate('--dry-run');
    expect(dry, dry.stderr).toMatchObject({ code: 0 });
    const answer = JSON.parse(dry.stdout);
    expect(answer).toMatchObject({ ok: true, applied: false, copied: 0, waiting: 57 });
    for (const count of ['records', 'documents', 'groups']) expect(answer[count]).toBeGreaterThan(0);
    total = answer.records;
    expect(answer.digest.calls.count).toBe(71);
    expect(await log.topics()).toEqual([]);
    expect(await store.size('calls')).toBe(0);
    const [busy] = [await openSource(folder)];
    expect(await migrate()).toMatchObject({ code: 1, stderr: expect.stringContaining('LOG_LOCKED') });
    await busy.close();
  });

  it('is killed again and again, and brings everything over, to the byte', async () => {
    const there = async () => {
      const names = (await log.topics()).map(({ name }) => name);
      return (await log.watermarks(names)).reduce((sum, { next }) => sum + next, 0);
    };
    const moments = [
      async () => (await there()) > 0,
      async () => (await there()) > total / 2,
      async () => (await store.size('evaluations')) > 0,
      async () => (await log.committed('qa-scoring')).some(({ offset }) => offset > 0),
    ];
    for (const [i, moment] of moments.entries()) {
      const child = start(MIGRATE, { env: env() });
      const end = ended(child);
      // A broker that is busy making topics may not know their leaders yet.
      await until(() => moment().catch(() => false));
      child.kill(i === 1 ? 'SIGINT' : 'SIGKILL'); // as somebody does who has lost patience
      const { code, stderr } = await end;
      if (i === 1) expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('goes on where') });
    }
    const last = await migrate();
    expect(last, last.stderr).toMatchObject({ code: 0 });
    const answer = JSON.parse(last.stdout);
    expect(answer).toMatchObject({ ok: true, applied: true, records: total, copied: 0 });

    const source = await openSource(folder);
    try {
      await compare(source);
    } finally {
      await source.close();
    }
    expect(await verifyAll({ log, store }, clock)).toMatchObject({ ok: true, violations: [] });
  });

  async function compare(source: Source): Promise<void> {
    await store.declare(source.collections);
    expect(await recordsOf(log)).toEqual(await recordsOf(source.log));
    for (const { name, marks } of source.collections)
      if (marks)
        expect(await store.scanMarks(name, { limit: 1_000 })).toEqual(
          await source.store.scanMarks(name, { limit: 1_000 }),
        );
      else expect(await documentsOf(store, name)).toEqual(await documentsOf(source.store, name));
    const byPlace = (a: { topic: string; partition: number }, b: { topic: string; partition: number }) =>
      a.topic.localeCompare(b.topic) || a.partition - b.partition;
    expect(source.groups).toContain('live-metrics.g2');
    expect(source.groups.filter((group) => group.startsWith('webhook.'))).toHaveLength(1);
    for (const group of source.groups)
      expect((await log.committed(group)).toSorted(byPlace)).toEqual(
        (await source.log.committed(group)).toSorted(byPlace),
      );
    expect(await digestOf({ log, store })).toEqual(await digestOf(source));
  }

  it('does it once: neither side can be taken for another', async () => {
    expect(await migrate()).toMatchObject({ code: 1, stderr: expect.stringContaining('MIGRATION_DONE') });
    const up = await coachloop(['up', '--no-demo', '--data', folder, '--port', '0']);
    expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining('DATA_FOLDER_MOVED') });
    const other = await coachloop(['migrate', '--from', control, '--to', 'kafka'], { env: env() });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('MIGRATION_TARGET_IN_USE') });
  });

  /** More calls, the old ones among them once more; the parked one is replayed; and a month goes by. */
  async function goOn(adapters: Adapters) {
    clock.aheadMs = 0;
    const platform = await startPlatform(adapters, clock, ERA);
    await settled(platform);
    const after = await since(platform);
    await simulate(platform, 120);
    clock.aheadMs = 3 * DAY_MS;
    const letters = await json<Letter[]>(['dead-letters', 'list', '--url', platform.url]);
    const replayed = await json(['dead-letters', 'replay', '--all', '--url', platform.url]);
    clock.aheadMs = 40 * DAY_MS;
    await until(async () => (await overdue(adapters.log)).length > 0);
    await settled(platform);
    const { scores } = await get<{ scores: { all: unknown } }>(platform, '/metrics/v1/snapshot');
    const ids = await trainings(adapters.log);
    await until(async () => new Set([...sent.before, ...sent[phase]]).size >= ids.size);
    await platform.stop();
    const { calls, evaluations } = await digestOf(adapters);
    const late = await overdue(adapters.log);
    expect(new Set(late).size).toBe(late.length);
    expect(await verifyAll(adapters, clock)).toMatchObject({ ok: true, violations: [] });
    return { calls, evaluations, replayed, letters, scores: scores.all, after };
  }
  /** What a subscriber finds who kept a cursor from before; there is no order between partitions. */
  async function since({ url }: Platform): Promise<readonly string[]> {
    const response = await fetch(`${url}/events/v1?types=call.*,qa.evaluation.*&after=${cursor}`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(100);
    return lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted();
  }
  async function overdue(from: EventLog): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const records of from.scan({ topics: ['training-events'], from: 'start' }))
      for (const { headers, value } of records)
        if (Buffer.from(headers.ce_type ?? []).toString() === 'training.overdue' && value)
          found.push(JSON.parse(Buffer.from(value).toString()).assignmentId);
    return found;
  }

  it('goes on as if nothing had been moved: nothing is skipped, nothing is handled twice', async () => {
    phase = 'control';
    const undisturbed = await opened(control);
    const expected = await goOn(undisturbed);
    await undisturbed.close();
    phase = 'moved';
    const moved = await goOn({ log, store });
    expect(moved).toEqual(expected);
    expect(moved.replayed).toEqual({ letters: 1, replayed: 1, open: [] });
    expect(moved.calls?.count).toBe(71 + 19 + 50);
    const all = [...sent.before, ...sent.moved];
    expect(new Set(all)).toEqual(await trainings(log));
    expect(all).toHaveLength(new Set(all).size);
  });
});
