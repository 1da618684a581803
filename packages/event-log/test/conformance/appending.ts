import { describe, expect, test } from 'vitest';
import { LOG_BOUNDS, type NewRecord, partitionOf } from '../../src/index.ts';
import type { OpenLog } from '../conformance.ts';
import { bytes, newTopic, numbered, openFor, record, scanAll, text, valuesOf } from './fixtures.ts';

export function appending(open: OpenLog): void {
  describe('append', () => {
    test('tells where each record went: by its key, densely, in the order given', async () => {
      const { log } = await openFor(open);
      const [a, b] = [await newTopic(log, 4), await newTopic(log, 3)];
      const records = Array.from({ length: 60 }, (_, i) => record(i % 2 ? a : b, `key-${i % 7}`, String(i)));
      const positions = await log.append(records);
      const next = new Map<string, number>();
      records.forEach(({ topic, key }, i) => {
        const partition = partitionOf(key, topic === a ? 4 : 3);
        const offset = next.get(`${topic}/${partition}`) ?? 0;
        next.set(`${topic}/${partition}`, offset + 1);
        expect(positions[i]).toEqual({ topic, partition, offset });
      });
    });

    test('keeps key, headers, value and time exactly, and gives them back', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log);
      const headers = {
        ce_type: bytes('x'),
        empty: new Uint8Array(),
        ['__proto__']: bytes('p'),
        é: new Uint8Array([0, 255]),
      };
      const given: NewRecord = {
        topic,
        key: '坐席-1',
        headers,
        value: bytes('{"a":1}'),
        timestampMs: 1_700_000_000_123,
      };
      const [position] = await log.append([given]);
      const [found] = await scanAll(log, { topics: [topic], from: 'start' });
      expect(found).toMatchObject({ ...position, key: '坐席-1', timestampMs: 1_700_000_000_123 });
      expect(text(found?.value ?? null)).toBe('{"a":1}');
      expect(Object.entries(found?.headers ?? {}).map(([name, value]) => [name, [...value]])).toEqual(
        Object.entries(headers).map(([name, value]) => [name, [...value]]),
      );
    });

    test('keeps tombstones apart from empty values', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const base = { topic, key: 'k', headers: {} };
      await log.append([
        { ...base, value: null },
        { ...base, value: new Uint8Array() },
      ]);
      expect(
        (await scanAll(log, { topics: [topic], from: 'start' })).map((one) => one.value && [...one.value]),
      ).toEqual([null, []]);
    });

    test('dates records that bring no time by the clock of the log', async ({ skip }) => {
      const { log, clock } = await openFor(open);
      if (clock === null) return skip('this adapter takes the time of its server');
      const topic = await newTopic(log, 1);
      clock.ms = 1_234_567;
      await log.append([record(topic, 'k', 'v')]);
      expect(await scanAll(log, { topics: [topic], from: 'start' })).toMatchObject([{ timestampMs: 1_234_567 }]);
    });

    test('lets the caller use its buffers again once it resolved', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const value = Buffer.from('before');
      await log.append([{ topic, key: 'k', headers: { h: value }, value }]);
      value.fill('x');
      const [found] = await scanAll(log, { topics: [topic], from: 'start' });
      expect([text(found?.value ?? null), text(found?.headers.h ?? null)]).toEqual(['before', 'before']);
    });

    test('keeps the order of appends that are under way at the same time', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const appends = Array.from({ length: 40 }, (_, i) => log.append(numbered(topic, 'k', i * 5, i * 5 + 5)));
      const positions = (await Promise.all(appends)).flat();
      expect(positions.map((position) => position.offset)).toEqual(Array.from({ length: 200 }, (_, i) => i));
      const values = valuesOf(await scanAll(log, { topics: [topic], from: 'start' }));
      expect(values).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
    });

    test('can be read at once when it resolved', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      for (let i = 0; i < 20; i++) {
        await log.append([record(topic, 'k', String(i))]);
        expect((await log.watermarks([topic]))[0]?.next).toBe(i + 1);
        expect(await scanAll(log, { topics: [topic], from: 'start' })).toHaveLength(i + 1);
      }
    });

    test('of nothing does nothing', async () => {
      const { log } = await openFor(open);
      expect(await log.append([])).toEqual([]);
    });

    test('takes what is exactly as large as the bounds', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const key = 'k'.repeat(LOG_BOUNDS.key_bytes_max);
      const headers = { h: new Uint8Array(LOG_BOUNDS.headers_bytes_max - 1) };
      const value = new Uint8Array(
        LOG_BOUNDS.record_bytes_max - LOG_BOUNDS.key_bytes_max - LOG_BOUNDS.headers_bytes_max,
      );
      await log.append([{ topic, key, headers, value }]);
      await log.append(Array.from({ length: LOG_BOUNDS.append_records_max }, () => record(topic, 'k', '')));
      expect((await log.watermarks([topic]))[0]?.next).toBe(LOG_BOUNDS.append_records_max + 1);
    });

    test('refuses what passes a bound, names it, and writes nothing of the batch', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      const good = record(topic, 'good', 'v');
      const bad: [string, NewRecord][] = [
        ['LOG_RECORD_TOO_LARGE', { ...good, value: new Uint8Array(LOG_BOUNDS.record_bytes_max) }],
        ['LOG_RECORD_TOO_LARGE', { ...good, key: '长'.repeat(342) }],
        ['LOG_RECORD_TOO_LARGE', { ...good, headers: { h: new Uint8Array(LOG_BOUNDS.headers_bytes_max) } }],
        ['LOG_RECORD_INVALID', { ...good, key: 'lone \ud800 surrogate' }],
        ['LOG_RECORD_INVALID', { ...good, headers: { '\udfff': new Uint8Array() } }],
        ['LOG_RECORD_INVALID', { ...good, timestampMs: Number.NaN }],
        ['LOG_TOPIC_UNKNOWN', { ...good, topic: `${topic}-missing` }],
      ];
      for (const [code, one] of bad) await expect(log.append([good, one])).rejects.toMatchObject({ code });
      const many = Array.from({ length: LOG_BOUNDS.append_records_max + 1 }, () => good);
      await expect(log.append(many)).rejects.toMatchObject({ code: 'LOG_BATCH_TOO_LARGE' });
      const large = Array.from({ length: 69 }, () => ({ ...good, value: new Uint8Array(990_000) }));
      await expect(log.append(large)).rejects.toMatchObject({ code: 'LOG_BATCH_TOO_LARGE' });
      expect(await log.watermarks([topic])).toEqual([{ topic, partition: 0, first: 0, next: 0 }]);
    });

    test('after close is refused', async () => {
      const { log } = await openFor(open);
      const topic = await newTopic(log, 1);
      expect(await log.healthy()).toBe(true);
      await log.close();
      await expect(log.append([record(topic, 'k', 'v')])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
      await expect(log.watermarks([topic])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
      expect(await log.healthy()).toBe(false);
      await log.close();
    });
  });
}
