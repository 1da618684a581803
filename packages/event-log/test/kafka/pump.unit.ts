import { expect, onTestFinished, test } from 'vitest';
import type { LogRecord } from '../../src/index.ts';
import { Pump } from '../../src/kafka/pump.ts';

/** kafkajs takes minutes to pack as many into one batch; other producers do not. */
test('a packed fetch of more records than a call takes arguments is handed on whole, in batches', async () => {
  const count = 200_000;
  const read = Promise.withResolvers<number>();
  let next = 0;
  const pump = new Pump('topic', 0, {
    async handle({ records }, context) {
      expect(records[0]?.offset).toBe(next);
      next += records.length;
      await context.commit(next);
      if (next === count) read.resolve(pump.committed);
    },
    maxBatchRecords: 50_000,
    maxBatchBytes: 4 * 1024 * 1024,
    paused: () => false,
    seek: () => undefined,
    flow: () => undefined,
    commit: async () => true,
  });
  onTestFinished(() => pump.revoke());
  pump.begin(0);
  const one = { topic: 'topic', partition: 0, key: null, headers: {}, value: null, timestampMs: 0 };
  const records = Array.from({ length: count }, (_, offset): LogRecord => ({ ...one, offset }));
  pump.receive({ records, next: count, highWatermark: count });
  expect(await read.promise).toBe(count);
});
