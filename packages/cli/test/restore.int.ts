/** A backup of an installation on Kafka and MongoDB, and its restore: what was handled since is told again, and nothing else is. */
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { openMongoStore } from '@coachloop/document-store/mongo';
import type { NewRecord } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { createMemoryLog } from '@coachloop/event-log/memory';
import {
  type KafkaServer,
  kafkaOrigin,
  type MongoServer,
  mongoOrigin,
  startKafkaHere,
  startMongoHere,
} from '@coachloop/servers';
import type { Platform } from '@coachloop/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, json, temporaryFolder, until } from './harness/command.ts';
import { type Adapters, AheadClock, digestOf, startPlatform, verifyAll } from './harness/installation.ts';
import { callOnTheBus } from './harness/on-the-bus.ts';

/** Only data of servers of our own may be copied and put back. */
const none = { ...process.env, KAFKA_BROKERS: '', MONGODB_URI: '' };
const canStart = (await kafkaOrigin(none)) === 'java' && (await mongoOrigin(none)) === 'java';
const DAY_MS = 86_400_000;
const START = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS).toISOString();

describe.skipIf(!canStart)('a restored backup', { timeout: 300_000 }, () => {
  const clock = new AheadClock();
  const work = temporaryFolder();
  const [data, copy] = [join(work, 'data'), join(work, 'copy')];
  let kafka: KafkaServer;
  let mongo: MongoServer;

  beforeAll(async () => {
    mkdirSync(data);
    [kafka, mongo] = await Promise.all([startKafkaHere({ within: data }), startMongoHere({ within: data })]);
  }, 240_000);
  afterAll(async () => {
    await kafka?.stop();
    await mongo?.stop();
    await cleanUp();
  }, 60_000);

  const nodes = () => [...kafka.brokers, ...(mongo.node ? [mongo.node] : [])];
  const opened = async (): Promise<Adapters & { close(): Promise<void> }> => {
    const log = openKafkaLog({ brokers: kafka.address.split(','), clock });
    const store = await openMongoStore({ uri: mongo.address });
    const close = async () => {
      await log.close();
      await store.close();
    };
    return { log, store, close };
  };
  const settled = (platform: Platform) => json(['digest', '--url', platform.url]);
  const simulate = (platform: Platform, calls: number) => {
    const what = ['--agents', '4', '--calls', String(calls), '--seed', '3', '--start', START];
    return json(['simulate', ...what, '--url', platform.url]);
  };

  /** What a platform on the bus says of some calls. */
  function onTheBus(from: number, to: number): readonly NewRecord[] {
    return Array.from({ length: to - from }, (_, i) => callOf(from + i)).flat();
  }
  function callOf(i: number): readonly NewRecord[] {
    const at = (ms: number) => new Date(Date.parse(START) + i * 600_000 + ms).toISOString();
    return callOnTheBus(i, { startedAt: at(0), endedAt: at(500_000), writtenAt: at(500_000) });
  }

  /** A broker that has just started may not know its leaders yet. */
  const say = ({ log }: Adapters, from: number, to: number) =>
    until(() =>
      log.append(onTheBus(from, to)).then(
        () => true,
        () => false,
      ),
    );

  /** Runs the services until all that is there is handled. */
  async function running(adapters: Adapters, era: string, action: (platform: Platform) => Promise<unknown>) {
    const platform = await startPlatform(adapters, clock, era);
    await action(platform);
    await settled(platform);
    const response = await fetch(`${platform.url}/metrics/v1/snapshot`);
    const { scores, caseStages } = (await response.json()) as Snapshot;
    await platform.stop();
    const { calls, evaluations, cases } = await digestOf(adapters);
    // Live figures would show what was counted twice. Which cases are opened may differ with the order of calls.
    expect(caseStages.find(({ stage }) => stage === 'opened')?.entered).toBe(cases?.count);
    return { calls, evaluations, scores: scores.all };
  }
  interface Snapshot {
    readonly scores: { readonly all: unknown };
    readonly caseStages: readonly { readonly stage: string; readonly entered: number }[];
  }

  /** Under which names the documents said what is in the log. */
  async function streamsOf({ log }: Adapters): Promise<ReadonlySet<string>> {
    const topics = (await log.topics()).map(({ name }) => name);
    const streams = new Set<string>();
    for await (const records of log.scan({ topics, from: 'start' }))
      for (const { headers } of records) if (headers.ce_stream) streams.add(Buffer.from(headers.ce_stream).toString());
    return streams;
  }

  it('of Kafka and MongoDB together goes on where it was made, and comes out as if nothing had happened', async () => {
    const undisturbed = { log: createMemoryLog({ clock }), store: createMemoryStore() };
    const expected = await running(undisturbed, '', async (platform) => {
      await say(undisturbed, 0, 10);
      await simulate(platform, 30);
    });

    const before = await opened();
    await running(before, '', (platform) => simulate(platform, 15));
    const kept = await streamsOf(before);
    await say(before, 0, 5); // nobody has handled these when the copy is made
    await before.close();
    await Promise.all(nodes().map((node) => node.stop()));
    cpSync(data, copy, { recursive: true });

    await Promise.all(nodes().map((node) => node.start()));
    const lost = await opened();
    await say(lost, 5, 10);
    expect(await running(lost, '', (platform) => simulate(platform, 30))).toEqual(expected);
    const gone = (await streamsOf(lost)).difference(kept);
    await lost.close();
    await Promise.all(nodes().map((node) => node.stop()));
    rmSync(data, { recursive: true });
    renameSync(copy, data);

    await Promise.all(nodes().map((node) => node.start()));
    const restored = await opened();
    await say(restored, 5, 10);
    expect(await running(restored, 'after-a-restore', (platform) => simulate(platform, 30))).toEqual(expected);
    expect(await verifyAll(restored, clock)).toMatchObject({ ok: true, violations: [] });
    // A subscriber who had read what is gone must not take what is said now for a repetition.
    const since = (await streamsOf(restored)).difference(kept);
    expect(since.size).toBeGreaterThan(0);
    expect(since.intersection(gone)).toEqual(new Set());
    await restored.close();
  });
});
