/** The idempotent producer of kafkajs, and answers that go missing. */
import type { RecordMetadata } from 'kafkajs';
import { describe, expect, test, vi } from 'vitest';
import { partitionOf } from '../../src/index.ts';
import { gate, newTopic, numbered, record, scanAll, valuesOf } from '../conformance/fixtures.ts';
import { brokers, configure, openLog, withFaults } from './fixtures.ts';

const brokersSay = (type: string) => Object.assign(new Error('not now'), { type });

describe.skipIf(brokers.length === 0)('append', () => {
  test('throws when unsure, and goes on with a producer made anew', async () => {
    const { log, rebuilt } = openLog({
      createClient: withFaults({
        producer: (_, nth) =>
          nth === 0 ? { sendBatch: () => Promise.reject(new Error('sequence out of order')) } : {},
      }),
    });
    const topic = await newTopic(log, 1);
    await expect(log.append([record(topic, 'k', 'lost')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await log.append([record(topic, 'k', 'found')]);
    expect(valuesOf(await scanAll(log, { topics: [topic], from: 'start' }))).toEqual(['found']);
    expect(rebuilt()).toEqual([expect.stringContaining('sequence out of order')]);
  });

  test('tells of an outage once for each of its causes, and once where it ends', async () => {
    const { log, notices } = openLog({
      createClient: withFaults({
        producer: (_, nth) =>
          nth < 4 ? { sendBatch: () => Promise.reject(new Error(nth < 3 ? 'away' : 'full')) } : {},
      }),
    });
    const topic = await newTopic(log, 1);
    for (let n = 0; n < 4; n += 1) await expect(log.append([record(topic, 'k', 'lost')])).rejects.toThrow();
    await log.append([record(topic, 'k', 'found')]);
    await log.append([record(topic, 'k', 'found')]);
    expect(notices.filter(({ message }) => message.startsWith('The producer'))).toEqual([
      { level: 'warn', message: 'The producer is rebuilt: away' },
      { level: 'warn', message: 'The producer is rebuilt: full' },
      { level: 'info', message: expect.stringMatching(/^The producer sends again, after \d+\.\d s and 4 sends /) },
    ]);
  });

  // When a leader moves between two tries, kafkajs resolves although a partition's messages were never sent.
  test('does not take silence about a partition for an acknowledgement', async () => {
    const isSilent = ({ partition }: RecordMetadata) => partition === 1;
    const { log } = openLog({
      createClient: withFaults({
        producer: (producer, nth) =>
          nth > 0
            ? {}
            : { sendBatch: async (batch) => (await producer.sendBatch(batch)).filter((answer) => !isSilent(answer)) },
      }),
    });
    const topic = await newTopic(log, 2);
    const key = ['a', 'b', 'c', 'd', 'e'].find((one) => partitionOf(one, 2) === 1) ?? '';
    await expect(log.append([record(topic, key, 'v')])).rejects.toMatchObject({
      code: 'LOG_UNAVAILABLE',
      message: expect.stringContaining(`No broker acknowledged ${topic}/1`),
    });
    expect(await log.append([record(topic, key, 'again')])).toMatchObject([{ partition: 1 }]);
  });

  test('that can never succeed does not take with it those that wait beside it', async () => {
    let bad = 'none yet';
    const { log } = openLog({
      createClient: withFaults({
        producer: (producer) => ({
          sendBatch: (batch) =>
            batch.topicMessages?.some(({ topic }) => topic === bad)
              ? Promise.reject(brokersSay('NOT_ENOUGH_REPLICAS'))
              : producer.sendBatch(batch),
        }),
      }),
    });
    const good = await newTopic(log, 1);
    bad = await newTopic(log, 1);
    const appends = [good, bad, good, bad, good].map((topic, i) => log.append([record(topic, 'k', String(i))]));
    const outcomes = (await Promise.allSettled(appends)).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(valuesOf(await scanAll(log, { topics: [good], from: 'start' }))).toEqual(['0', '2', '4']);
  });

  test.each([
    ['as one, where no broker answers', undefined, 1],
    ['one after the other, and no more once no broker answers', 'NOT_ENOUGH_REPLICAS', 2],
  ])('fails with all that wait beside it in an outage: %s', async (_, type, sends) => {
    const [isSending, mayFail] = [gate(), gate()];
    let tried = 0;
    const { log } = openLog({
      createClient: withFaults({
        producer: () => ({
          sendBatch: async () => {
            isSending.open();
            await mayFail.opened;
            throw tried++ === 1 && type ? brokersSay(type) : new Error('connection lost');
          },
        }),
      }),
    });
    const topic = await newTopic(log, 1);
    const first = log.append([record(topic, 'k', 'first')]);
    await isSending.opened;
    const others = Array.from({ length: 20 }, (_, i) => log.append([record(topic, 'k', String(i))]));
    const all = Promise.allSettled([first, ...others]);
    await log.watermarks([topic]); // by now they wait
    mayFail.open();
    const reasons = (await all).map((outcome) => outcome.status === 'rejected' && outcome.reason.code);
    expect(reasons).toEqual(Array.from({ length: 21 }, () => 'LOG_UNAVAILABLE'));
    expect(tried).toBe(1 + sends);
  });

  test('that is larger than its topic takes says what to do, and does not take others with it', async () => {
    const { log } = openLog();
    const [small, other] = [await newTopic(log, 1), await newTopic(log, 1)];
    await configure(small, { 'max.message.bytes': '1000' });
    const refused = { code: 'LOG_TOPIC_BOUND_TOO_SMALL', message: expect.stringContaining('coachloop topics apply') };
    const large = record(small, 'k', 'x'.repeat(5_000));
    await vi.waitFor(() => expect(log.append([large])).rejects.toMatchObject(refused)); // brokers hear of it a little later
    const appends = [other, small, other].map((topic) => log.append([{ ...large, topic }]));
    expect((await Promise.allSettled(appends)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });

  test('that is dated further ahead than its topic takes says what to do', async () => {
    const { log } = openLog();
    const topic = await newTopic(log, 1);
    await configure(topic, { 'message.timestamp.after.max.ms': '3600000' });
    const append = () => log.append([record(topic, 'k', 'v', Date.now() + 2 * 3_600_000)]);
    const refused = {
      code: 'LOG_TOPIC_SETTINGS_DIFFER',
      message: expect.stringContaining('coachloop topics apply'),
    };
    await vi.waitFor(() => expect(append()).rejects.toMatchObject(refused)); // brokers hear of it a little later
  });

  test('that never ends in the library ends here', async () => {
    const { log } = openLog({
      timings: { sendMs: 300 },
      createClient: withFaults({
        producer: (_, nth) => (nth === 0 ? { sendBatch: () => new Promise(() => undefined) } : {}),
      }),
    });
    const topic = await newTopic(log, 1);
    await expect(log.append([record(topic, 'k', 'v')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await log.append([record(topic, 'k', 'v')]);
  });

  test('packs by gzip where asked, and anybody can read it', async () => {
    const { log } = openLog({ compression: 'gzip' });
    const topic = await newTopic(log, 1);
    await log.append(numbered(topic, 'k', 0, 200));
    const { log: other } = openLog();
    const values = valuesOf(await scanAll(other, { topics: [topic], from: 'start' }));
    expect(values).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });
});
