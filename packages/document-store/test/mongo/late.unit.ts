import { expect, it } from 'vitest';
import { createMemoryStore } from '../../src/memory/index.ts';
import { openLate } from '../../src/mongo/late.ts';
import { expectCode } from '../conformance/context.ts';

it('opens nothing any more once it was closed, also if no call had opened it before', async () => {
  let opened = 0;
  const store = openLate(async () => {
    opened++;
    return createMemoryStore();
  });
  await store.close();
  await expectCode(store.load('calls', ['a']), 'STORE_CLOSED');
  expect(await store.healthy()).toBe(false);
  await store.close();
  expect(opened).toBe(0);
});
