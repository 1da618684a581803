import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DocumentStore, IndexSpec, Query, Scalar, Write } from '../../src/index.ts';
import { type Context, doc, ids } from './context.ts';
import { Model } from './reference.ts';

/** Any sequence of calls gets the answers that a few lines of obvious code give. */

const INDEXES: IndexSpec[] = [
  { name: 'by_a', fields: ['a'] },
  { name: 'by_a_b', fields: ['a', 'deep.b'] },
];

const id = fc.constantFrom('a', 'ab', 'b', 'B', 'é', '\uffee', '𝄞');
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(0, 1, -1, 'x', 'xy', '', true, false),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const field = fc.oneof({ weight: 4, arbitrary: scalar }, fc.constantFrom(null, undefined));
const time = fc.integer({ min: -3, max: 9 });
const lane = fc.constantFrom('1', '2', '10');

const entry = fc.record({
  id,
  /** 0: the version that is there; others lose. */
  off: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1)),
  a: field,
  b: field,
  wakeAt: fc.option(time),
  lane: fc.option(lane),
});
const range = fc.oneof(
  fc.constant(undefined),
  fc.record({ from: scalar }),
  fc.record({ to: scalar }),
  fc
    .tuple(scalar, scalar)
    .filter(([from, to]) => typeof from === typeof to)
    .map(([from, to]) => ({ from, to })),
);
const query = fc
  .record({
    index: fc.constantFrom(...INDEXES),
    equals: fc.array(scalar, { maxLength: 2 }),
    range,
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ index, equals, range, order, limit }): Query => {
    const values = equals.slice(0, index.fields.length - (range ? 1 : 0));
    return { index: index.name, equals: values, order, limit, ...(range && { range }) };
  });

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('save' as const),
      entries: fc.uniqueArray(entry, { selector: (e) => e.id }),
    }),
  },
  fc.record({ kind: fc.constant('delete' as const), ids: fc.array(id, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('raise' as const), marks: fc.array(fc.record({ id, seq: time, expireAtMs: time })) }),
  fc.record({ kind: fc.constant('expire' as const), nowMs: time }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('query' as const), query }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('due' as const),
      atMs: time,
      limit: fc.integer({ min: 1, max: 5 }),
      lanes: fc.option(fc.array(lane)),
    }),
  },
  fc.record({ kind: fc.constant('scan' as const), afterId: fc.option(id), limit: fc.integer({ min: 1, max: 5 }) }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

export function modelTests(context: Context): void {
  it('answers any sequence of calls as the reference model does (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
        const run = new Run(context.store, await context.collection(...INDEXES), await context.marks());
        for (const one of commands) await run.step(one);
        await run.compareAll();
      }),
      { numRuns: context.adapter.modelRuns },
    );
  }, 120_000);
}

class Run {
  readonly #store: DocumentStore;
  readonly #collection: string;
  readonly #marks: string;
  readonly #model = new Model(INDEXES);

  constructor(store: DocumentStore, collection: string, marks: string) {
    this.#store = store;
    this.#collection = collection;
    this.#marks = marks;
  }

  async step(command: Command): Promise<void> {
    switch (command.kind) {
      case 'save':
        return this.#save(command.entries);
      case 'delete':
        await this.#store.delete(this.#collection, command.ids);
        return this.#model.delete(command.ids);
      case 'raise':
        await this.#store.raise(this.#marks, command.marks);
        return this.#model.raise(command.marks);
      case 'expire': {
        const count = await this.#store.expireMarks(this.#marks, command.nowMs);
        return expect(count).toBe(this.#model.expire(command.nowMs));
      }
      case 'query':
        return this.#query(command.query);
      case 'due': {
        const lanes = command.lanes ?? undefined;
        const due = await this.#store.due(this.#collection, command.atMs, command.limit, lanes);
        return expect(due).toEqual(this.#model.due(command.atMs, command.limit, lanes));
      }
      case 'scan': {
        const options = { limit: command.limit, ...(command.afterId !== null && { afterId: command.afterId }) };
        const page = await this.#store.scan(this.#collection, options);
        return expect(page).toEqual(this.#model.scan(command.afterId).slice(0, command.limit));
      }
    }
  }

  async compareAll(): Promise<void> {
    const everything = this.#model.scan(null);
    expect(await this.#store.load(this.#collection, ids(everything).map(String))).toEqual(everything);
    expect(await this.#store.count(this.#collection)).toBe(everything.length);
    expect(await this.#store.scanMarks(this.#marks)).toEqual(this.#model.scanMarks());
  }

  async #save(entries: readonly (typeof entry extends fc.Arbitrary<infer T> ? T : never)[]): Promise<void> {
    const writes = entries.map(({ id, off, a, b, wakeAt, lane }): Write => {
      const expectedVersion = Math.max(0, this.#model.version(id) + off);
      // Through JSON as a service's own documents go: -0 becomes 0 there.
      const body = JSON.parse(JSON.stringify({ a, deep: { b }, other: [a] }));
      return { expectedVersion, document: doc(id, body, { version: expectedVersion + 1, wakeAt, lane }) };
    });
    const verdicts = await this.#store.save(this.#collection, writes);
    const expected = writes.map((one) => this.#model.save(one));
    expect(verdicts.map((verdict, i) => (verdict === 'unknown' ? expected[i] : verdict))).toEqual(expected);
  }

  async #query(query: Query): Promise<void> {
    const found = [];
    let cursor: string | undefined;
    do {
      const page = await this.#store.query(this.#collection, { ...query, ...(cursor !== undefined && { cursor }) });
      expect(page.documents.length).toBeLessThanOrEqual(query.limit ?? 0);
      found.push(...page.documents);
      cursor = page.next;
    } while (cursor !== undefined);
    const expected = this.#model.query(query);
    expect(found).toEqual(expected);
    expect(await this.#store.count(this.#collection, query)).toBe(expected.length);
  }
}
