/** Three real brokers that are killed, frozen and restarted while somebody writes and reads. */
import { type KafkaServer, kafkaOrigin, startKafkaHere } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type EventLog, isLogError, type Position } from '../../src/index.ts';
import { openKafkaLog } from '../../src/kafka/index.ts';
import { commitAll, numbered, scanAll, text, uniqueName } from '../conformance/fixtures.ts';

/** A slow machine's share included; it takes a few seconds. */
const PATIENCE_MS = 120_000;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
// Java is what brokers can be hurt with; KAFKA_BROKERS and Docker are not asked.
const here = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '', DOCKER_HOST: 'unix:///nowhere' });

describe.skipIf(here === undefined)('while brokers come and go', () => {
  let server: KafkaServer;
  let log: EventLog;

  beforeAll(async () => {
    server = await startKafkaHere({ brokers: 3 });
    log = openKafkaLog({
      brokers: server.address.split(','),
      clock: { now: () => Date.now() },
      timings: { requestMs: 8_000, callMs: 5_000, sendMs: 20_000, sessionMs: 10_000 },
      onNotice: ({ level, message }) =>
        void (level !== 'info' && process.env.COACHLOOP_DEBUG && console.error(message)),
    });
  }, 400_000);
  afterAll(async () => {
    await log?.close();
    await server?.stop();
  }, 60_000);

  /** Writes numbered records per key until told to stop; each number goes on only when it was acknowledged. */
  function writing(topic: string) {
    let running = true;
    let next = 0;
    const done = (async () => {
      for (; running; next++) {
        const batch = KEYS.flatMap((key) => numbered(topic, key, next, next + 1));
        for (let sent = false; !sent; ) {
          sent = await log.append(batch).then(
            () => true,
            (error: unknown) => {
              if (!isLogError(error, 'LOG_UNAVAILABLE')) throw error;
              return !running;
            },
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 5)); // a producer with a pace, not a load test
      }
    })();
    return {
      get written() {
        return next;
      },
      async stop() {
        running = false;
        await done;
        return next;
      },
    };
  }

  /** First occurrences, per key, of what a group reads. */
  async function reading(topic: string) {
    const firsts = new Map(KEYS.map((key) => [key, [] as number[]]));
    const positions: Position[] = [];
    const consumer = await log.consume({ group: uniqueName('g'), topics: [topic] }, async (batch, context) => {
      for (const one of batch.records) {
        const seen = firsts.get(one.key ?? '') ?? [];
        const number = Number(text(one.value));
        if (number > (seen.at(-1) ?? -1)) seen.push(number);
      }
      positions.push(...batch.records);
      await commitAll(batch, context);
    });
    return { firsts, positions, consumer };
  }

  /** Harms while somebody writes and reads; then all that was written has been read, in order. */
  async function check(harm: (progress: () => Promise<void>) => Promise<void>): Promise<void> {
    const topic = uniqueName('topic');
    await log.createTopics([{ name: topic, partitions: 6 }]);
    const reader = await reading(topic);
    const writer = writing(topic);
    onTestFinished(() => void writer.stop());
    const progress = async () => {
      const from = writer.written;
      await vi.waitFor(() => expect(writer.written).toBeGreaterThan(from + 10), PATIENCE_MS);
    };
    await progress();
    await harm(progress);
    await progress();
    const written = await writer.stop();
    const all = Array.from({ length: written }, (_, i) => i);
    await vi.waitFor(() => {
      for (const [key, seen] of reader.firsts) expect({ key, seen }).toEqual({ key, seen: all });
    }, PATIENCE_MS);
    // And the same again without a group: nothing that was acknowledged is missing.
    const scanned = new Set(
      (await scanAll(log, { topics: [topic], from: 'start' })).map((one) => `${one.key} ${text(one.value)}`),
    );
    expect(scanned.size).toBe(written * KEYS.length);
    await reader.consumer.stop();
  }

  test('one killed by kill -9 and started again loses nothing and keeps the order of keys', async () => {
    await check(async (progress) => {
      await server.brokers[1]?.kill();
      await progress(); // leaders have moved
      await server.brokers[1]?.start();
    });
  }, 400_000);

  test('one frozen for longer than requests wait is left behind, and welcome back', async () => {
    await check(async (progress) => {
      server.brokers[2]?.pause();
      await progress();
      server.brokers[2]?.resume();
    });
  }, 400_000);

  test('all of them gone for a while, appends say so, and everybody goes on by themselves afterwards', async () => {
    await check(async () => {
      await Promise.all(server.brokers.map((broker) => broker.kill()));
      await expect(log.append(numbered('any', 'k', 0, 1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
      expect(await log.healthy()).toBe(false);
      await Promise.all(server.brokers.map((broker) => broker.start()));
    });
    expect(await log.healthy()).toBe(true);
  }, 400_000);
});
