import { expect, it } from 'vitest';
import { STORE_BOUNDS, type StoredDocument, type StoreErrorCode, type Write } from '../../src/index.ts';
import { type Context, doc, expectCode, write } from './context.ts';

const MAX = STORE_BOUNDS.document_bytes_max;

export function boundTests(context: Context): void {
  /** Nothing of a refused call is written: a good write stands before the bad one, and must not be there after. */
  async function expectRefused(code: StoreErrorCode, ...bad: Write[]): Promise<void> {
    const c = await context.collection();
    await expectCode(context.store.save(c, [write(0, 'good'), ...bad]), code);
    expect(await context.store.count(c)).toBe(0);
  }
  const create = (document: StoredDocument): Write => ({ expectedVersion: 0, document });

  it('takes a document of the greatest size, and none above it, counted in bytes', async () => {
    const c = await context.collection();
    const text = 'x'.repeat(MAX - '{"t":""}'.length);
    await context.put(c, doc('ascii', { t: text }));
    expect((await context.store.load(c, ['ascii']))[0]?.body.t).toBe(text);
    await expectRefused('STORE_DOCUMENT_TOO_LARGE', write(0, 'over', { t: `${text}x` }));
    await expectRefused('STORE_DOCUMENT_TOO_LARGE', write(0, 'wide', { t: '客'.repeat(MAX / 3) }));
  });

  it('takes 2,000 documents in one save, and no more', async () => {
    const c = await context.collection();
    const writes = Array.from({ length: 2_001 }, (_, i) => write(0, `d${i}`));
    await expectCode(context.store.save(c, writes), 'STORE_BATCH_TOO_LARGE');
    expect(await context.store.count(c)).toBe(0);
    const verdicts = await context.store.save(c, writes.slice(1));
    expect(verdicts).toEqual(Array.from({ length: 2_000 }, () => 'won'));
    expect(await context.store.save(c, [])).toEqual([]);
  });

  it('bounds the text of one save', async () => {
    const t = 'x'.repeat(MAX - 100);
    await expectRefused('STORE_BATCH_TOO_LARGE', ...Array.from({ length: 9 }, (_, i) => write(0, `d${i}`, { t })));
  });

  it('bounds the ids of one load or delete', async () => {
    const c = await context.collection();
    const many = Array.from({ length: 10_001 }, (_, i) => `d${i}`);
    await expectCode(context.store.load(c, many), 'STORE_BATCH_TOO_LARGE');
    await expectCode(context.store.delete(c, many), 'STORE_BATCH_TOO_LARGE');
    expect((await context.store.load(c, many.slice(1))).length).toBe(10_000);
  });

  it('refuses ids and lanes that no server could keep apart', async () => {
    const c = await context.collection();
    for (const id of ['', 'x'.repeat(513), '客'.repeat(171), 'a\u0000', 'a\ud800']) {
      await expectCode(context.store.load(c, [id]), 'STORE_ID_INVALID');
      await expectRefused('STORE_ID_INVALID', write(0, id));
      await expectRefused('STORE_ID_INVALID', create(doc('a', {}, { lane: id, wakeAt: 1 })));
    }
  });

  it('refuses a write that contradicts itself', async () => {
    const code = 'STORE_WRITE_INVALID';
    await expectRefused(code, { expectedVersion: 0, document: doc('a', {}, { version: 2 }) });
    await expectRefused(code, { expectedVersion: 1, document: doc('a', {}, { version: 1 }) });
    await expectRefused(code, { expectedVersion: -1, document: doc('a', {}, { version: 0 }) });
    await expectRefused(code, { expectedVersion: 0.5, document: doc('a', {}, { version: 1.5 }) });
    await expectRefused(code, create(doc('a', {}, { wakeAt: 1.5 })), write(0, 'b'));
    await expectRefused(code, create(doc('a', {}, { wakeAt: Number.POSITIVE_INFINITY })));
    await expectRefused(code, write(0, 'a'), write(0, 'a'));
  });

  it('refuses a body that is no JSON object', async () => {
    const broken: unknown[] = [null, [], 'text', undefined, { big: 1n }];
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const body of [...broken, circular]) {
      const document = Object.assign(doc('a'), { body });
      await expectRefused('STORE_DOCUMENT_INVALID', create(document));
    }
  });

  it('bounds the pages of a scan', async () => {
    const c = await context.collection();
    for (const limit of [0, 1_001, 2.5]) await expectCode(context.store.scan(c, { limit }), 'STORE_LIMIT_INVALID');
    await expectCode(context.store.scan(c, { afterId: '' }), 'STORE_ID_INVALID');
  });
}
