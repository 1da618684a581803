import { expect, it } from 'vitest';
import { cursorAfter, type Query, type Scalar, type StoredDocument } from '../../src/index.ts';
import { type Context, doc, expectCode, ids } from './context.ts';

const BY_VALUE = { name: 'by_value', fields: ['v'] };
const BY_AGENT = { name: 'by_agent', fields: ['state.agentId', 'state.score'] };

export function queryTests(context: Context): void {
  const find = async (collection: string, query: Query) =>
    ids((await context.store.query(collection, query)).documents);

  async function pages(collection: string, query: Query): Promise<StoredDocument[][]> {
    const result: StoredDocument[][] = [];
    let cursor: string | undefined;
    do {
      const page = await context.store.query(collection, cursor === undefined ? query : { ...query, cursor });
      result.push([...page.documents]);
      cursor = page.next;
    } while (cursor !== undefined);
    return result;
  }

  it('finds by a prefix of the fields, and a range of the next one: from included, to excluded', async () => {
    const c = await context.collection(BY_AGENT);
    const rows: [string, string, number][] = [
      ['a', 'x', 10],
      ['b', 'x', 20],
      ['c', 'x', 30],
      ['d', 'y', 15],
    ];
    await context.put(c, ...rows.map(([id, agentId, score]) => doc(id, { state: { agentId, score } })));
    const index = 'by_agent';
    expect(await find(c, { index })).toEqual(['a', 'b', 'c', 'd']);
    expect(await find(c, { index, equals: ['x'] })).toEqual(['a', 'b', 'c']);
    expect(await find(c, { index, equals: ['x', 20] })).toEqual(['b']);
    expect(await find(c, { index, equals: ['x'], range: { from: 10, to: 30 } })).toEqual(['a', 'b']);
    expect(await find(c, { index, equals: ['x'], range: { from: 20 } })).toEqual(['b', 'c']);
    expect(await find(c, { index, equals: ['x'], range: { to: 20 }, order: 'desc' })).toEqual(['a']);
    expect(await find(c, { index, range: { from: 'x', to: 'y' }, order: 'desc' })).toEqual(['c', 'b', 'a']);
    expect(await find(c, { index, equals: ['z'] })).toEqual([]);
    expect(await find(c, { index, equals: ['x'], range: { from: 30, to: 10 } })).toEqual([]);
    expect(await context.store.count(c, { index, equals: ['x'], range: { from: 20 } })).toBe(2);
    expect(await context.store.count(c, { index })).toBe(4);
  });

  it('follows a document to its new values', async () => {
    const c = await context.collection(BY_VALUE);
    await context.put(c, doc('a', { v: 1 }));
    await context.put(c, doc('a', { v: 2 }, { version: 2 }));
    expect(await find(c, { index: 'by_value', equals: [1] })).toEqual([]);
    expect(await find(c, { index: 'by_value', equals: [2] })).toEqual(['a']);
    await context.put(c, doc('a', { v: null }, { version: 3 }));
    expect(await find(c, { index: 'by_value' })).toEqual([]);
  });

  it('orders numbers by size, then strings by UTF-8 bytes, then false and true; a range keeps to the type of its bounds', async () => {
    const c = await context.collection(BY_VALUE);
    const values: Scalar[] = [
      ...[
        -Number.MAX_VALUE,
        -(2 ** 53),
        -10.000000000000002,
        -10,
        -9.5,
        -Number.MIN_VALUE,
        0,
        0.5,
        9,
        10,
        2 ** 53,
        Number.MAX_VALUE,
      ],
      ...['', '\u0000', '\u0001', '\u0002', '\u0002\u0001', '10', '9', 'B', 'a', 'a\u0000', 'ab', '客', '\uffee', '𝄞'],
      ...[false, true],
    ];
    const id = (i: number) => `d${String(values.length - i).padStart(2, '0')}`;
    await context.put(c, ...values.map((v, i) => doc(id(i), { v })));
    const all = values.map((_, i) => id(i));
    const index = 'by_value';
    expect(await find(c, { index })).toEqual(all);
    expect(await find(c, { index, order: 'desc' })).toEqual(all.toReversed());
    for (const [i, v] of values.entries()) expect(await find(c, { index, equals: [v] })).toEqual([id(i)]);
    expect(await find(c, { index, range: { from: 9 } })).toEqual(all.slice(8, 12));
    expect(await find(c, { index, range: { to: 0 } })).toEqual(all.slice(0, 6));
    expect(await find(c, { index, range: { from: 'a' } })).toEqual(all.slice(20, 26));
    expect(await find(c, { index, range: { to: 'a' } })).toEqual(all.slice(12, 20));
    expect(await find(c, { index, range: { from: true } })).toEqual(all.slice(-1));
    expect(await find(c, { index, range: { to: true } })).toEqual(all.slice(-2, -1));
  });

  it('leaves out documents without the first field, and puts those without a later one first', async () => {
    const c = await context.collection(BY_AGENT);
    await context.put(
      c,
      doc('none', {}),
      doc('null', { state: { agentId: null, score: 1 } }),
      doc('scalar', { state: 'text' }),
      doc('first', { state: { agentId: 'x', score: 1 } }),
      doc('later', { state: { agentId: 'x' } }),
      doc('nulls', { state: { agentId: 'x', score: null } }),
    );
    expect(await find(c, { index: 'by_agent' })).toEqual(['later', 'nulls', 'first']);
    expect(await find(c, { index: 'by_agent', equals: ['x'], range: { to: 5 } })).toEqual(['first']);
  });

  it('takes any string in an index; lone surrogates count as U+FFFD there and stay as they are in the document', async () => {
    const c = await context.collection(BY_VALUE);
    await context.put(c, doc('a', { v: 'x\ud800' }), doc('b', { v: 'y'.repeat(5_000) }));
    const [a] = (await context.store.query(c, { index: 'by_value', equals: ['x\udbff'] })).documents;
    expect(a?.body.v).toBe('x\ud800');
    expect(await find(c, { index: 'by_value', equals: ['y'.repeat(5_000)] })).toEqual(['b']);
  });

  it('pages through equal values by id, in both directions, and says when there is no more', async () => {
    const c = await context.collection(BY_VALUE);
    const all = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    await context.put(c, ...all.map((id, i) => doc(id, { v: i < 10 ? 'same' : 'other' })));
    const query: Query = { index: 'by_value', equals: ['same'], limit: 4 };
    expect((await pages(c, query)).map(ids)).toEqual([all.slice(0, 4), all.slice(4, 8), all.slice(8, 10)]);
    const back = (await pages(c, { ...query, order: 'desc', limit: 5 })).map(ids);
    expect(back).toEqual([all.slice(5, 10).toReversed(), all.slice(0, 5).toReversed()]);
  });

  it('shows each document that keeps its place exactly once, while others come, go and change between the pages', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const c = await context.collection(BY_VALUE);
      const stay = Array.from({ length: 12 }, (_, i) => doc(`stay${i}`, { v: i * 10 }));
      await context.put(c, ...stay, doc('gone', { v: 35 }));
      const seen: string[] = [];
      let cursor: string | undefined;
      for (let n = 0; n === 0 || cursor !== undefined; n++) {
        const page = await context.store.query(c, { index: 'by_value', order, limit: 3, ...(cursor && { cursor }) });
        seen.push(...page.documents.map((document) => document.id));
        cursor = page.next;
        await context.put(
          c,
          doc(`low${n}`, { v: -1 - n }),
          doc(`mid${n}`, { v: 51 + n }),
          doc(`top${n}`, { v: 900 + n }),
        );
        // The document at which the last page ended may go as well.
        const last = page.documents.at(-1);
        if (n === 0) await context.store.delete(c, ['gone', last?.id ?? '']);
        if (n > 50) break;
      }
      const stayed = seen.filter((id) => id.startsWith('stay'));
      expect(stayed).toEqual(ids(order === 'asc' ? stay : stay.toReversed()));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it('goes on behind any place of an index, in each collection that has it, in both directions', async () => {
    const all = Array.from({ length: 6 }, (_, i) => doc(`k${i}`, { v: i < 4 ? 'same' : 'tail' }));
    const one = await context.collection(BY_VALUE);
    const other = await context.collection(BY_VALUE);
    await context.put(one, ...all.filter((_, i) => i % 2 === 0));
    await context.put(other, ...all.filter((_, i) => i % 2 === 1));
    for (const [id, body] of [
      ['k1', { v: 'same' }],
      ['k1+', { v: 'same' }], // nowhere there
    ] as const) {
      const cursor = cursorAfter(BY_VALUE, id, body);
      const after = async (order: Query['order'] = 'asc') =>
        (await Promise.all([one, other].map((c) => find(c, { index: 'by_value', order, cursor })))).flat();
      expect(await after()).toEqual(['k2', 'k4', 'k3', 'k5']);
      expect(await after('desc')).toEqual(id === 'k1' ? ['k0'] : ['k0', 'k1']);
    }
    const within: Query = { index: 'by_value', equals: ['same'], cursor: cursorAfter(BY_VALUE, 'k2', { v: 'same' }) };
    expect(await find(other, within)).toEqual(['k3']);
    expect(() => cursorAfter(BY_VALUE, 'a', {})).toThrow(expect.objectContaining({ code: 'STORE_QUERY_INVALID' }));
  });

  it('refuses a query that does not fit its index, with a code', async () => {
    const c = await context.collection(BY_AGENT, BY_VALUE);
    const bad = (query: Query) => context.store.query(c, query);
    await expectCode(bad({ index: 'nowhere' }), 'STORE_INDEX_UNKNOWN');
    await expectCode(context.store.count(c, { index: 'nowhere' }), 'STORE_INDEX_UNKNOWN');
    await expectCode(bad({ index: 'by_agent', equals: ['x', 1, 2] }), 'STORE_QUERY_INVALID');
    await expectCode(bad({ index: 'by_agent', equals: ['x', 1], range: { from: 2 } }), 'STORE_QUERY_INVALID');
    await expectCode(bad({ index: 'by_agent', range: { from: 1, to: 'x' } }), 'STORE_QUERY_INVALID');
    await expectCode(bad({ index: 'by_agent', equals: [Number.NaN] }), 'STORE_QUERY_INVALID');
    for (const limit of [0, -1, 1.5, 1_001, Number.NaN])
      await expectCode(bad({ index: 'by_agent', limit }), 'STORE_LIMIT_INVALID');
  });

  it('refuses a cursor that is damaged or belongs to another query', async () => {
    const c = await context.collection(BY_AGENT, BY_VALUE);
    await context.put(c, ...['a', 'b', 'c'].map((id) => doc(id, { v: id, state: { agentId: 'x' } })));
    const { next: cursor = '' } = await context.store.query(c, { index: 'by_value', limit: 1 });
    expect(await find(c, { index: 'by_value', limit: 1, cursor })).toEqual(['b']);
    for (const query of [
      { index: 'by_value', cursor: 'nonsense' },
      { index: 'by_value', cursor: '' },
      { index: 'by_agent', cursor },
      { index: 'by_value', equals: ['c'], cursor },
    ])
      await expectCode(context.store.query(c, query), 'STORE_CURSOR_INVALID');
  });
}
