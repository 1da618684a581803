/** Members of a group over its generations: who works on what, until when, and who is told that nothing works. */
import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BatchHandler, type Consumer, type EventLog, type LogError, partitionOf } from '../../src/index.ts';
import { Collector, commitAll, gate, newTopic, record, uniqueName } from '../conformance/fixtures.ts';
import { brokers, openLog, withFaults } from './fixtures.ts';

/** One record for each partition. */
async function appendToAll(log: EventLog, topic: string, partitions: number, value: string): Promise<void> {
  const keys = Array.from({ length: 500 }, (_, i) => `k${i}`);
  const found = Array.from({ length: partitions }, (_, p) => keys.find((key) => partitionOf(key, partitions) === p));
  await log.append(found.map((key) => record(topic, key ?? '', value)));
}

interface Broker {
  syncGroup(request: { readonly memberId: string }): Promise<unknown>;
}
interface ConsumerGroup {
  leave(): Promise<void>;
}

/** The prototype of a class inside the library, as it is again when the test is over. */
function insideOf<T extends object>(module: string): T {
  const { prototype } = createRequire(import.meta.url)(`kafkajs/src/${module}`) as { prototype: T };
  const before = Object.getOwnPropertyDescriptors(prototype);
  onTestFinished(() => void Object.defineProperties(prototype, before));
  return prototype;
}

/** The member that syncs first: an answer of the brokers to it may be lost, after they have made it one of the generation. */
function syncsOfTheFirst() {
  const prototype = insideOf<Broker>('broker');
  const { syncGroup } = prototype;
  let victim: string | undefined;
  let isToBeLost = false;
  const syncs = {
    lost: 0,
    loseOne() {
      isToBeLost = true;
    },
  };
  prototype.syncGroup = async function (request) {
    victim ??= request.memberId;
    const answer = await syncGroup.call(this, request);
    if (request.memberId !== victim || !isToBeLost) return answer;
    isToBeLost = false;
    syncs.lost += 1;
    throw new kafkajs.KafkaJSError('Request SyncGroup timed out');
  };
  return syncs;
}

/** For a group to meet, on a busy machine. */
const MEET_MS_MAX = 100_000;
/** A member that is waited for holds its group up for longer. */
const PATIENT = { sessionMs: 2 * MEET_MS_MAX, rebalanceMs: 2 * MEET_MS_MAX, silenceMs: 3 * MEET_MS_MAX } as const;

const held = (consumer: Consumer) => consumer.assignment().map(({ partition }) => partition);

describe.skipIf(brokers.length === 0)('a member of a group', () => {
  test('never has two batches of a partition in flight, however often the group meets meanwhile, and its stop waits', async () => {
    const { log } = openLog();
    const partitions = 6;
    const topic = await newTopic(log, partitions);
    const options = { group: uniqueName('g'), topics: [topic] };
    await appendToAll(log, topic, partitions, 'first');
    const mayEnd = gate();
    onTestFinished(mayEnd.open);
    const inFlight = new Map<number, number>();
    let most = 0;
    const slow: BatchHandler = async (batch, context) => {
      const { partition } = batch;
      const isFirst = !inFlight.has(partition);
      inFlight.set(partition, (inFlight.get(partition) ?? 0) + 1);
      most = Math.max(most, inFlight.get(partition) ?? 0);
      if (isFirst) await mayEnd.opened;
      await commitAll(batch, context);
      inFlight.set(partition, (inFlight.get(partition) ?? 0) - 1);
    };
    const busy = await log.consume(options, slow);
    await vi.waitFor(() => expect(inFlight.size).toBe(partitions));
    const seen = new Collector();
    const others: Consumer[] = [];
    for (const count of [2, 3]) {
      others.push(await log.consume(options, seen.handle));
      const shares = () => [busy, ...others].map((one) => held(one).length);
      await vi.waitFor(() => expect(shares()).toEqual(Array.from({ length: count }, () => partitions / count)));
    }
    const othersHold = others.flatMap(held).length;
    let hasStopped = false;
    for (const value of ['a', 'b', 'c']) {
      await appendToAll(log, topic, partitions, value);
      await vi.waitFor(() => expect(seen.values().filter((one) => one === value)).toHaveLength(othersHold));
    }
    const stopped = busy.stop().then(() => {
      hasStopped = true;
    });
    for (const value of ['d', 'e', 'f']) {
      await appendToAll(log, topic, partitions, value);
      await vi.waitFor(() => expect(seen.values().filter((one) => one === value)).toHaveLength(othersHold));
    }
    expect(most).toBe(1);
    expect(hasStopped).toBe(false);
    mayEnd.open();
    await stopped;
    expect([...inFlight.values()]).toEqual(Array.from({ length: partitions }, () => 0));
  });

  test('whose sync was answered, and the answer lost, begins anew in place of standing still', async () => {
    const { log, rebuilt } = openLog();
    const topic = await newTopic(log, 4);
    const options = { group: uniqueName('g'), topics: [topic] };
    const seen = new Collector();
    const syncs = syncsOfTheFirst();
    const first = await log.consume(options, seen.handle);
    syncs.loseOne();
    const other = await log.consume(options, seen.handle);
    await vi.waitFor(() => expect(syncs.lost).toBe(1));
    await vi.waitFor(() => expect([held(first).length, held(other).length]).toEqual([2, 2]), MEET_MS_MAX);
    await appendToAll(log, topic, 4, 'a');
    await vi.waitFor(() => expect(seen.values()).toEqual(['a', 'a', 'a', 'a']));
    expect(rebuilt()).toEqual([expect.stringContaining('without having heard')]);
  }, 240_000);

  // Whose broker was restarted cannot say goodbye; the group would wait for it for a session, in which nobody consumes.
  test('that ended without a goodbye is not waited for', async () => {
    insideOf<ConsumerGroup>('consumer/consumerGroup').leave = async () => undefined;
    let crash: (() => unknown) | undefined;
    const { log, rebuilt } = openLog({
      timings: PATIENT,
      createClient: withFaults({
        consumer: (consumer, nth) => ({
          on: (...[name, listener]: Parameters<typeof consumer.on>) => {
            const event = { id: 'c', type: name, timestamp: 0, payload: { error: new Error('Closed connection') } };
            if (nth === 0 && name === consumer.events.CRASH) crash = () => listener(event);
            return consumer.on(name, listener);
          },
        }),
      }),
    });
    const topic = await newTopic(log, 4);
    const options = { group: uniqueName('g'), topics: [topic] };
    const seen = new Collector();
    const members = [await log.consume(options, seen.handle), await log.consume(options, seen.handle)];
    const shares = () => members.map((member) => held(member).length);
    await vi.waitFor(() => expect(shares()).toEqual([2, 2]));
    crash?.();
    await vi.waitFor(() => expect(rebuilt()).toEqual([expect.stringContaining('Closed connection')]));
    await vi.waitFor(() => expect(shares()).toEqual([2, 2]), MEET_MS_MAX);
    await appendToAll(log, topic, 4, 'a');
    await vi.waitFor(() => expect(seen.values()).toEqual(['a', 'a', 'a', 'a']));
  }, 240_000);

  test('that was killed is not waited for when a process comes back under its name', async () => {
    insideOf<ConsumerGroup>('consumer/consumerGroup').leave = async () => undefined;
    const { log: other } = openLog({ timings: PATIENT, instance: uniqueName('i') });
    const topic = await newTopic(other, 4);
    const options = { group: uniqueName('g'), topics: [topic] };
    const seen = new Collector();
    const instance = uniqueName('i');
    const before = await openLog({ timings: PATIENT, instance }).log.consume(options, seen.handle);
    const beside = await other.consume(options, seen.handle);
    await vi.waitFor(() => expect([held(before).length, held(beside).length]).toEqual([2, 2]));
    await before.stop(); // without a goodbye: as killed
    const after = await openLog({ timings: PATIENT, instance }).log.consume(options, seen.handle);
    await vi.waitFor(() => expect([held(after).length, held(beside).length]).toEqual([2, 2]), MEET_MS_MAX);
    await appendToAll(other, topic, 4, 'a');
    await vi.waitFor(() => expect(seen.values()).toEqual(['a', 'a', 'a', 'a']));
  }, 240_000);

  // 571, 1168: what does not stop goes on, with heartbeats and all; its late join must not take the successor's place.
  test('that was left behind steers nothing any more, and gives its partitions up', async () => {
    let joinLate = () => undefined as unknown;
    const { log, notices } = openLog({
      timings: { stopMs: 300, stallCheckMs: 400 },
      createClient: withFaults({
        consumer: (consumer, nth) =>
          nth > 0
            ? {}
            : {
                resume: () => undefined,
                disconnect: () => new Promise(() => undefined),
                on: (...[name, listener]: Parameters<typeof consumer.on>) => {
                  const event = { id: 'late', type: name, timestamp: 0, payload: { memberAssignment: {} } };
                  if (name === consumer.events.GROUP_JOIN) joinLate = () => listener(event);
                  return consumer.on(name, listener);
                },
              },
      }),
    });
    const topic = await newTopic(log, 4);
    const group = uniqueName('g');
    await appendToAll(log, topic, 4, 'v');
    const seen = new Collector();
    await log.consume({ group, topics: [topic] }, seen.handle);
    await vi.waitFor(() => expect(seen.records.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]));
    const done = [0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 1 }));
    await vi.waitFor(async () => expect(await log.committed(group)).toEqual(expect.arrayContaining(done)));
    joinLate();
    await appendToAll(log, topic, 4, 'w');
    await vi.waitFor(() => expect(seen.values()).toEqual(['v', 'v', 'v', 'v', 'w', 'w', 'w', 'w']));
    expect(notices).toContainEqual({ level: 'warn', message: expect.stringContaining('left behind') });
  });

  test('keeps its partition through work that is longer than its session, though all is paused, and is handed nothing twice', async () => {
    const sessionMs = 6_000; // the least that brokers take
    const { log, rebuilt } = openLog({ timings: { sessionMs, heartbeatMs: 500 } });
    const topic = await newTopic(log, 2);
    const options = { group: uniqueName('g'), topics: [topic], maxBatchRecords: 1 };
    const offsets: string[] = [];
    const ends: boolean[] = [];
    const mayBegin = gate();
    const slow: BatchHandler = async (batch, context) => {
      await mayBegin.opened;
      offsets.push(`${batch.partition}/${batch.records[0]?.offset}`);
      // The time is the subject here.
      if (batch.records[0]?.offset === 0) await new Promise((resolve) => setTimeout(resolve, 2.5 * sessionMs));
      ends.push(context.signal.aborted);
      await commitAll(batch, context);
    };
    const [first, second] = [await log.consume(options, slow), await log.consume(options, slow)];
    await vi.waitFor(() => expect([held(first), held(second)].map((list) => list.length)).toEqual([1, 1]));
    for (const value of ['0', '1', '2', '3']) await appendToAll(log, topic, 2, value);
    mayBegin.open();
    await vi.waitFor(() => expect(ends).toHaveLength(8), 20 * sessionMs);
    expect(ends).not.toContain(true);
    expect(offsets.sort()).toEqual([0, 1].flatMap((p) => [0, 1, 2, 3].map((offset) => `${p}/${offset}`)));
    expect(rebuilt()).toEqual([]);
  }, 240_000);

  test('that a foreign assignor in the group keeps out makes the log unwell, and says why, until it is let in', async () => {
    const { log } = openLog({ timings: { rebalanceMs: 500 } });
    const topic = await newTopic(log, 1);
    const group = uniqueName('g');
    const stranger = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: group });
    onTestFinished(() => stranger.disconnect());
    await stranger.connect();
    await stranger.subscribe({ topics: [topic] });
    const joined = gate();
    stranger.on(stranger.events.GROUP_JOIN, joined.open);
    await stranger.run({ eachBatch: async () => undefined });
    await joined.opened;
    const seen = new Collector();
    const consumer = log.consume({ group, topics: [topic] }, seen.handle);
    await vi.waitFor(async () => expect(await log.healthy()).toBe(false));
    expect(log.trouble?.()).toMatch(
      new RegExp(`group ${group} could not be joined for \\d+ s: it crashed: .*protocol`),
    );
    await stranger.disconnect();
    await consumer;
    await vi.waitFor(async () => expect(await log.healthy()).toBe(true));
    expect(log.trouble?.()).toBeUndefined();
  });

  test.each([
    ['at once', 0],
    ['when nobody waits for it any more', 1],
  ])('that the brokers do not let in is told of, %s', async (_, silent) => {
    const type = 'GROUP_AUTHORIZATION_FAILED';
    const fatal: LogError[] = [];
    const { log } = openLog({
      onFatal: (error) => fatal.push(error),
      timings: { silenceMs: 800, joinMs: silent ? 200 : 20_000 },
      createClient: withFaults({
        consumer: (_, nth) => ({
          run: () =>
            nth < silent ? new Promise(() => undefined) : Promise.reject(Object.assign(new Error('Not you'), { type })),
        }),
      }),
    });
    const topic = await newTopic(log, 1);
    const consuming = log.consume({ group: uniqueName('g'), topics: [topic] }, async () => undefined);
    const denied = { code: 'LOG_ACCESS_DENIED', message: expect.stringContaining('Not you') };
    if (silent === 0) await expect(consuming).rejects.toMatchObject(denied);
    else await consuming;
    await vi.waitFor(() => expect(fatal).toMatchObject(silent === 0 ? [] : [denied]));
  });
});
