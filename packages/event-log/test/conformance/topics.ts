import { describe, expect, test } from 'vitest';
import type { OpenLog } from '../conformance.ts';
import { newTopic, openFor, record, scanAll, uniqueName, valuesOf } from './fixtures.ts';

export function topics(open: OpenLog): void {
  describe('topics', () => {
    test('are made once, and making them again changes nothing', async () => {
      const { log } = await openFor(open);
      const spec = { name: uniqueName('topic'), partitions: 3, retentionMs: 86_400_000 };
      await log.createTopics([spec]);
      await log.append([record(spec.name, 'k', 'v')]);
      await log.createTopics([spec, spec]);
      expect((await log.topics()).filter((topic) => topic.name === spec.name)).toEqual([spec]);
      expect((await log.watermarks([spec.name])).reduce((sum, mark) => sum + mark.next, 0)).toBe(1);
    });

    test('are made once when two callers make them at the same time', async () => {
      const { log, reopen } = await openFor(open);
      const specs = ['a', 'b'].map((name) => ({ name: uniqueName(name), partitions: 2 }));
      await Promise.all([log.createTopics(specs), log.createTopics([...specs].reverse())]);
      await log.append(specs.flatMap(({ name }) => [record(name, 'k', name)]));
      const opened = reopen === undefined ? log : await reopen();
      for (const { name } of specs) {
        expect(valuesOf(await scanAll(opened, { topics: [name], from: 'start' }))).toEqual([name]);
      }
    });

    test('never change their count of partitions', async () => {
      const { log } = await openFor(open);
      const name = await newTopic(log, 3);
      await expect(log.createTopics([{ name, partitions: 4 }])).rejects.toMatchObject({
        code: 'LOG_TOPIC_PARTITIONS_DIFFER',
        message: expect.stringContaining(name),
      });
    });

    test.each([
      { name: 'Upper', partitions: 1 },
      { name: '', partitions: 1 },
      { name: 'ok', partitions: 0 },
      { name: 'ok', partitions: 257 },
      { name: 'ok', partitions: 1.5 },
      { name: 'ok', partitions: 1, retentionMs: -1 },
    ])('are refused when they break a bound: %j', async (spec) => {
      const { log } = await openFor(open);
      const name = spec.name === 'ok' ? uniqueName('ok') : spec.name;
      await expect(log.createTopics([{ ...spec, name }])).rejects.toMatchObject({ code: 'LOG_TOPIC_INVALID' });
    });

    test('and their records survive closing', async ({ skip }) => {
      const { log, reopen } = await openFor(open);
      if (reopen === undefined) return skip('the data of this adapter dies with the log');
      const name = await newTopic(log, 5);
      const positions = await log.append([record(name, 'a', '1'), record(name, 'b', '2')]);
      const again = await reopen();
      expect(await again.topics()).toContainEqual({ name, partitions: 5 });
      expect(await again.append([record(name, 'a', '3')])).toMatchObject([{ offset: (positions[0]?.offset ?? 0) + 1 }]);
    });

    test('that do not exist are named in the error, wherever they are asked for', async () => {
      const { log } = await openFor(open);
      const topic = uniqueName('missing');
      const unknown = { code: 'LOG_TOPIC_UNKNOWN', message: expect.stringContaining(topic) };
      await expect(log.append([record(topic, 'k', 'v')])).rejects.toMatchObject(unknown);
      await expect(log.consume({ group: uniqueName('g'), topics: [topic] }, async () => {})).rejects.toMatchObject(
        unknown,
      );
      await expect(log.watermarks([topic])).rejects.toMatchObject(unknown);
      await expect(log.offsetsAt([topic], 0)).rejects.toMatchObject(unknown);
      await expect(
        (async () => {
          for await (const _ of log.scan({ topics: [topic], from: 'start' })) break;
        })(),
      ).rejects.toMatchObject(unknown);
    });
  });
}
