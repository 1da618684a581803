import { expect, it } from 'vitest';
import type { Mark } from '../../src/index.ts';
import { type Context, expectCode } from './context.ts';

const mark = (id: string, seq: number, expireAtMs = 1_000): Mark => ({ id, seq, expireAtMs });

export function markTests(context: Context): void {
  it('keeps the greatest seq and the latest expiry that an id was ever given', async () => {
    const m = await context.marks();
    await context.store.raise(m, [mark('a', 5, 100), mark('b', 1)]);
    await context.store.raise(m, [mark('a', 3, 900), mark('b', 2)]);
    await context.store.raise(m, [mark('a', 4, 50)]);
    await context.store.raise(m, []);
    expect(await context.store.marks(m, ['b', 'none', 'a'])).toEqual([mark('b', 2), undefined, mark('a', 5, 900)]);
  });

  it('takes an id several times in one call', async () => {
    const m = await context.marks();
    await context.store.raise(m, [mark('a', 2), mark('a', 9), mark('a', 4)]);
    expect(await context.store.marks(m, ['a', 'a'])).toEqual([mark('a', 9), mark('a', 9)]);
  });

  it('ends at the greatest when many raise the same ids at once', async () => {
    const m = await context.marks();
    const raises = Array.from({ length: 50 }, (_, i) =>
      context.store.raise(m, [mark('a', (i * 37) % 50), mark('b', i)]),
    );
    await Promise.all(raises);
    expect(await context.store.marks(m, ['a', 'b'])).toEqual([mark('a', 49), mark('b', 49)]);
  });

  it('drops what has expired, and says how many', async () => {
    const m = await context.marks();
    await context.store.raise(m, [mark('old', 1, 10), mark('edge', 1, 20), mark('new', 1, 30)]);
    expect(await context.store.expireMarks(m, 20)).toBe(1);
    expect(await context.store.expireMarks(m, 20)).toBe(0);
    expect(await context.store.marks(m, ['old', 'edge', 'new'])).toEqual([
      undefined,
      mark('edge', 1, 20),
      mark('new', 1, 30),
    ]);
  });

  it('scans every mark by id, in pages', async () => {
    const m = await context.marks();
    const all = Array.from({ length: 7 }, (_, i) => mark(`k${i}`, i));
    await context.store.raise(m, all.toReversed());
    expect(await context.store.scanMarks(m)).toEqual(all);
    expect(await context.store.scanMarks(m, { afterId: 'k2', limit: 3 })).toEqual(all.slice(3, 6));
  });

  it('refuses what is no mark', async () => {
    const m = await context.marks();
    await expectCode(context.store.raise(m, [mark('', 1)]), 'STORE_ID_INVALID');
    await expectCode(context.store.raise(m, [mark('a', 1.5)]), 'STORE_WRITE_INVALID');
    await expectCode(context.store.raise(m, [mark('a', 1, Number.NaN)]), 'STORE_WRITE_INVALID');
    const many = Array.from({ length: 10_001 }, (_, i) => mark(`m${i}`, i));
    await expectCode(context.store.raise(m, many), 'STORE_BATCH_TOO_LARGE');
    expect(await context.store.scanMarks(m)).toEqual([]);
  });
}
