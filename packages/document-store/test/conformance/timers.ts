import { expect, it } from 'vitest';
import { type Context, doc, expectCode, ids } from './context.ts';

export function timerTests(context: Context): void {
  async function withTimers(): Promise<string> {
    const c = await context.collection();
    const timers: [string, number | null, string | null][] = [
      ['late', 300, '1'],
      ['now', 200, '2'],
      ['tie-b', 100, '2'],
      ['tie-a', 100, '1'],
      ['early', 50, '10'],
      ['ancient', -5, null],
      ['never', null, null],
    ];
    await context.put(c, ...timers.map(([id, wakeAt, lane]) => doc(id, {}, { wakeAt, lane })));
    return c;
  }

  it('finds what is due at or before a time, earliest first, then by id', async () => {
    const c = await withTimers();
    expect(ids(await context.store.due(c, 200, 100))).toEqual(['ancient', 'early', 'tie-a', 'tie-b', 'now']);
    expect(ids(await context.store.due(c, 199.5, 100))).toEqual(['ancient', 'early', 'tie-a', 'tie-b']);
    expect(await context.store.due(c, -6, 100)).toEqual([]);
  });

  it('gives whole documents', async () => {
    const c = await context.collection();
    const document = doc('a', { state: { n: 1 } }, { wakeAt: 5, lane: '3' });
    await context.put(c, document);
    expect(await context.store.due(c, 5, 1)).toEqual([document]);
  });

  it('keeps to the lanes that are asked for, across all of them in order of time', async () => {
    const c = await withTimers();
    expect(ids(await context.store.due(c, 1_000, 100, ['1']))).toEqual(['tie-a', 'late']);
    expect(ids(await context.store.due(c, 1_000, 100, ['2', '1', '2', '99']))).toEqual([
      'tie-a',
      'tie-b',
      'now',
      'late',
    ]);
    expect(await context.store.due(c, 1_000, 100, [])).toEqual([]);
  });

  it('keeps to the limit, taking the earliest', async () => {
    const c = await withTimers();
    expect(ids(await context.store.due(c, 1_000, 3))).toEqual(['ancient', 'early', 'tie-a']);
    expect(ids(await context.store.due(c, 1_000, 2, ['1', '2']))).toEqual(['tie-a', 'tie-b']);
    for (const limit of [0, 1_001]) await expectCode(context.store.due(c, 1_000, limit), 'STORE_LIMIT_INVALID');
    await expectCode(context.store.due(c, Number.NaN, 1), 'STORE_QUERY_INVALID');
  });

  it('follows a timer that is moved, cleared, or given to another lane', async () => {
    const c = await withTimers();
    await context.put(c, doc('now', {}, { version: 2, wakeAt: 900, lane: '2' }));
    await context.put(c, doc('early', {}, { version: 2 }));
    await context.put(c, doc('tie-b', {}, { version: 2, wakeAt: 100, lane: '1' }));
    expect(ids(await context.store.due(c, 500, 100))).toEqual(['ancient', 'tie-a', 'tie-b', 'late']);
    expect(ids(await context.store.due(c, 500, 100, ['1']))).toEqual(['tie-a', 'tie-b', 'late']);
  });
}
