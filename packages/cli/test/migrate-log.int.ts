/** A log is copied to a real Kafka, each record to its own offset, whatever goes wrong on the way. */
import { join } from 'node:path';
import { type EventLog, isLogError, type LogRecord, type NewRecord, type Position } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { dropBefore, openKafkaLog } from '@coachloop/event-log/kafka';
import { type KafkaServer, kafkaOrigin, startKafka } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyLog, type LogPorts } from '../src/migrate/log.ts';
import { cleanUp, temporaryFolder } from './harness/command.ts';

const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' });
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const clock = { now: () => Date.now() };
const PARTITIONS = 4;
const NOW = Date.UTC(2026, 4, 4);
const DAY_MS = 86_400_000;

describe.skipIf(!required && origin === undefined)('a log that is copied to Kafka', () => {
  let server: KafkaServer;
  let target: EventLog;
  let source: EventLog;
  let topics = 0;

  beforeAll(async () => {
    server = await startKafka();
    target = openKafkaLog({ brokers: [server.address], clock });
    source = await openEmbeddedLog({ file: join(temporaryFolder(), 'log.sqlite'), clock, durability: 'process-crash' });
  }, 240_000);
  afterAll(async () => {
    await source?.close();
    await target?.close();
    await server?.stop();
    await cleanUp();
  }, 60_000);

  /** A topic on both sides, and records in the source. */
  async function newTopic(records: (topic: string) => readonly NewRecord[]): Promise<string> {
    const topic = `topic-${++topics}`;
    const spec = { name: topic, partitions: PARTITIONS };
    await source.createTopics([{ ...spec, retentionMs: DAY_MS }]);
    await target.createTopics([spec]);
    await source.append(records(topic));
    return topic;
  }
  const plain =
    (count: number, timestampMs = NOW) =>
    (topic: string) =>
      Array.from({ length: count }, (_, i) => ({
        topic,
        key: `key-${i % 17}`,
        headers: { n: Buffer.from(String(i)) },
        value: Buffer.from(`value ${i}`),
        timestampMs,
      }));
  const ports = (given: Partial<LogPorts> = {}): LogPorts => ({
    source,
    target,
    dropBefore: (positions) => dropBefore({ brokers: [server.address], clock }, positions),
    batchRecords: 50,
    onProgress: () => undefined,
    ...given,
  });
  async function all(log: EventLog, topic: string): Promise<readonly unknown[]> {
    const records: LogRecord[] = [];
    for await (const batch of log.scan({ topics: [topic], from: 'start' })) records.push(...batch);
    return records
      .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
      .map(({ headers, value, ...rest }) => ({
        ...rest,
        value: value && Buffer.from(value).toString('base64'),
        headers: Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      }));
  }
  const sameOnBoth = async (topic: string) => {
    const records = await all(source, topic);
    expect(await all(target, topic)).toEqual(records);
    expect(await target.watermarks([topic])).toEqual(await source.watermarks([topic]));
    return records.length;
  };

  test('keeps keys, every byte of headers and values, times and offsets', async () => {
    const headers = (entries: Record<string, string>) =>
      Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, Buffer.from(value, 'latin1')]));
    const odd: Omit<NewRecord, 'topic'>[] = [
      { key: '', headers: {}, value: Buffer.of() },
      { key: 'tombstone', headers: headers({ ce_id: '1' }), value: null },
      {
        key: '坐席-7',
        headers: headers({ ce_主题: '\xff\xfe', empty: '', constructor: 'c', ce_type: 't' }),
        value: Buffer.of(0, 255),
      },
      { key: 'proto', headers: Object.fromEntries([['__proto__', Buffer.from('p')]]), value: Buffer.from('x') },
      { key: 'large', headers: {}, value: Buffer.alloc(900_000, 7), timestampMs: 0 },
      { key: 'late', headers: {}, value: Buffer.from('1'), timestampMs: NOW + 400 * DAY_MS },
      { key: 'early', headers: {}, value: Buffer.from('2'), timestampMs: NOW - 9_000 * DAY_MS },
    ];
    const topic = await newTopic((name) => [
      ...odd.map((record) => ({ timestampMs: NOW, ...record, topic: name })),
      ...plain(300)(name),
    ]);
    expect(await copyLog(ports(), [topic])).toEqual({ records: odd.length + 300, copied: odd.length + 300 });
    expect(await sameOnBoth(topic)).toBe(odd.length + 300);
    expect(await copyLog(ports(), [topic])).toEqual({ records: odd.length + 300, copied: 0 });
  });

  test('begins where retention made the old one begin', async () => {
    const topic = await newTopic(plain(220, NOW - 2 * DAY_MS));
    await source.append(plain(160)(topic));
    await source.retain(NOW);
    const firsts = (await source.watermarks([topic])).map(({ first }) => first);
    expect(Math.min(...firsts)).toBeGreaterThan(20);
    let left = 3; // killed within the filling
    const gone = () => Promise.reject(new Error('killed'));
    const dying = methodsOf(target, {
      append: (records: readonly NewRecord[]) => (left-- > 0 ? target.append(records) : gone()),
    });
    await expect(copyLog(ports({ target: dying, batchRecords: 7 }), [topic])).rejects.toThrow('killed');
    expect(await copyLog(ports(), [topic])).toEqual({ records: 160, copied: 160 });
    expect(await sameOnBoth(topic)).toBe(160);
  });

  test('is gone on with after any append, whether or not its answer came', async () => {
    const topic = await newTopic(plain(400));
    let attempts = 0;
    for (;;) {
      let appends = 0;
      const append = async (records: readonly NewRecord[]): Promise<readonly Position[]> => {
        if (appends++ === 0 && attempts % 2 === 0) return target.append(records);
        if (attempts % 3 === 0) await target.append(records); // it is there, and nobody knows
        throw new Error('killed');
      };
      attempts++;
      const dead = methodsOf(target, { append });
      if (
        await copyLog(ports({ target: dead }), [topic]).then(
          () => true,
          () => false,
        )
      )
        break;
      if (attempts > 60) throw new Error('It does not come to its end.');
    }
    expect(attempts).toBeGreaterThan(4);
    expect(await sameOnBoth(topic)).toBe(400);
  });

  test('is refused where somebody else wrote, before or meanwhile', async () => {
    const topic = await newTopic(plain(300));
    await target.append(plain(1)(topic).map((record) => ({ ...record, value: Buffer.from('foreign') })));
    await expect(copyLog(ports(), [topic])).rejects.toMatchObject({ code: 'MIGRATION_DIVERGED' });
    const other = await newTopic(plain(300));
    const intrude = () => target.append(plain(17)(other)).then(() => undefined);
    let intruded: Promise<void> | undefined;
    const slow = methodsOf(target, {
      append: async (records: readonly NewRecord[]) => {
        intruded ??= intrude();
        await intruded;
        return target.append(records);
      },
    });
    await expect(copyLog(ports({ target: slow }), [other])).rejects.toMatchObject({
      code: 'MIGRATION_DIVERGED',
      message: expect.stringContaining('somebody else writes there'),
    });
    const longer = await newTopic(plain(3));
    await target.append(plain(300)(longer));
    await expect(copyLog(ports(), [longer])).rejects.toMatchObject({ code: 'MIGRATION_DIVERGED' });
  });

  test('is not begun while the broker is away, and says so', async () => {
    const away = openKafkaLog({ brokers: ['127.0.0.1:1'], clock, timings: { callMs: 200 } });
    const topic = await newTopic(plain(3));
    const error: unknown = await copyLog(ports({ target: away }), [topic]).catch((e: unknown) => e);
    expect(isLogError(error, 'LOG_UNAVAILABLE')).toBe(true);
    await away.close();
  });
});

/** The log with some of its methods replaced. */
const methodsOf = (log: EventLog, replaced: Partial<EventLog>): EventLog =>
  new Proxy(log, {
    get: (_, name) => {
      const own: unknown = Reflect.get(replaced, name);
      const value: unknown = own ?? Reflect.get(log, name);
      return typeof value === 'function' ? value.bind(own === undefined ? log : replaced) : value;
    },
  });
