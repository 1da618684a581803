import { expect, it } from 'vitest';
import { type Context, doc, expectCode, write } from './context.ts';

/** These close the store, so they come last but one; each leaves an open one behind. */
export function lifeTests(context: Context): void {
  it('is healthy while open, finishes what is in hand when closed, and refuses everything after', async () => {
    const c = await context.collection();
    expect(await context.store.healthy()).toBe(true);
    const { store } = context;
    const saves = Array.from({ length: 30 }, (_, i) => store.save(c, [write(0, `d${i}`)]));
    const closing = store.close();
    expect((await Promise.all(saves)).flat()).toEqual(saves.map(() => 'won'));
    await closing;
    await store.close();
    expect(await store.healthy()).toBe(false);
    await expectCode(store.load(c, ['d1']), 'STORE_CLOSED');
    await expectCode(store.save(c, [write(0, 'late')]), 'STORE_CLOSED');
    await expectCode(store.declare([]), 'STORE_CLOSED');
    await context.reopen();
  });

  if (!context.adapter.durable) return;

  it('finds everything again after it was closed, once it is declared', async () => {
    const index = { name: 'by_n', fields: ['n'] };
    const name = await context.collection(index);
    const marks = await context.marks();
    const document = doc('a', { n: 1 }, { wakeAt: 5, lane: '1' });
    await context.put(name, document);
    await context.store.raise(marks, [{ id: 'm', seq: 3, expireAtMs: 9 }]);

    const store = await context.reopen();
    await expectCode(store.load(name, ['a']), 'STORE_COLLECTION_UNKNOWN');
    // As an older release would: without the index. It must be kept up all the same.
    await store.declare([
      { name, indexes: [] },
      { name: marks, indexes: [], marks: true },
    ]);
    await expectCode(store.query(name, { index: 'by_n' }), 'STORE_INDEX_UNKNOWN');
    expect(await store.load(name, ['a'])).toEqual([document]);
    expect(await store.due(name, 5, 10)).toEqual([document]);
    expect(await store.marks(marks, ['m'])).toEqual([{ id: 'm', seq: 3, expireAtMs: 9 }]);
    await context.put(name, doc('b', { n: 2 }));
    await store.declare([{ name, indexes: [index] }]);
    expect(await store.count(name, { index: 'by_n' })).toBe(2);
    expect(await store.save(name, [write(1, 'a')])).toEqual(['won']);
  });
}
