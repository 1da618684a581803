import { expect, it } from 'vitest';
import type { JsonObject, StoredDocument, Verdict } from '../../src/index.ts';
import { type Context, doc, write } from './context.ts';

export function guardTests(context: Context): void {
  /** A write that must not happen is never called won; exact adapters say that it lost. */
  const refused = () => (context.adapter.exactVerdicts ? /^lost$/ : /^(lost|unknown)$/);

  it('creates only what is not there', async () => {
    const c = await context.collection();
    expect(await context.store.save(c, [write(0, 'a', { first: true })])).toEqual(['won']);
    const [again] = await context.store.save(c, [write(0, 'a', { first: false })]);
    expect(again).toMatch(refused());
    expect((await context.store.load(c, ['a']))[0]).toEqual(doc('a', { first: true }));
  });

  it('replaces only the version that was loaded, neither an older nor a newer one, nor one that is not there', async () => {
    const c = await context.collection();
    await context.put(c, doc('a', { n: 1 }));
    await context.put(c, doc('a', { n: 2 }, { version: 2 }));
    for (const expected of [1, 3]) {
      expect((await context.store.save(c, [write(expected, 'a', { n: 99 })]))[0]).toMatch(refused());
    }
    expect((await context.store.save(c, [write(1, 'nowhere')]))[0]).toMatch(refused());
    expect(await context.store.load(c, ['a', 'nowhere'])).toEqual([doc('a', { n: 2 }, { version: 2 }), undefined]);
    expect(await context.store.save(c, [write(2, 'a', { n: 3 })])).toEqual(['won']);
  });

  it('judges each write of a bulk by itself', async () => {
    const c = await context.collection();
    await context.put(c, doc('a'), doc('b'), doc('c'));
    const bulk = [write(1, 'a'), write(7, 'b'), write(0, 'c'), write(0, 'd'), write(1, 'e')];
    const verdicts = await context.store.save(c, bulk);
    const exact: Verdict[] = ['won', 'lost', 'lost', 'won', 'lost'];
    if (context.adapter.exactVerdicts) expect(verdicts).toEqual(exact);
    for (const [i, verdict] of verdicts.entries()) expect([exact[i], 'unknown']).toContain(verdict);
    const versions = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => context.version(c, id)));
    expect(versions).toEqual([2, 1, 1, 1, 0]);
  });

  it('lets exactly one of many creators win', async () => {
    const c = await context.collection();
    const attempts = Array.from({ length: 40 }, (_, by) => context.store.save(c, [write(0, 'one', { by })]));
    const verdicts = (await Promise.all(attempts)).flat();
    const [stored] = await context.store.load(c, ['one']);
    const winners = verdicts.flatMap((verdict, by) => (verdict === 'won' ? [by] : []));
    expect(winners.every((by) => by === stored?.body.by)).toBe(true);
    expect(winners.length).toBeLessThanOrEqual(1);
    if (context.adapter.exactVerdicts) expect(winners.length).toBe(1);
  });

  it('loses no win and counts no loss when many write the same documents at once', async () => {
    const c = await context.collection();
    const documents = ['x', 'y', 'z'];
    const wonBy = new Map(documents.map((id) => [id, new Set<string>()]));

    /** Adds its token to each document until it is in; a save that is not certainly won is decided by loading. */
    const writer = async (token: string) => {
      let open = documents;
      while (open.length > 0) {
        const loaded = await context.store.load(c, open);
        const missing = loaded.flatMap((document, i) => {
          const id = open[i] ?? '';
          return tokens(document?.body).includes(token) ? [] : [{ id, document }];
        });
        for (const id of open) if (!missing.some((entry) => entry.id === id)) wonBy.get(id)?.add(token);
        if (missing.length === 0) return;
        const writes = missing.map(({ id, document }) =>
          write(document?.version ?? 0, id, { tokens: [...tokens(document?.body), token] }),
        );
        const verdicts = await context.store.save(c, writes);
        for (const [i, verdict] of verdicts.entries())
          if (verdict === 'won') wonBy.get(missing[i]?.id ?? '')?.add(token);
        open = missing.filter((_, i) => verdicts[i] !== 'won').map(({ id }) => id);
      }
    };
    const writers = Array.from({ length: 25 }, (_, i) => `w${i}`);
    await Promise.all(writers.map(writer));

    for (const document of await context.store.load(c, documents)) {
      expect(document?.version).toBe(writers.length);
      expect(tokens(document?.body).toSorted()).toEqual(writers.toSorted());
      expect([...(wonBy.get(document?.id ?? '') ?? [])].toSorted()).toEqual(writers.toSorted());
    }
  });

  it('reads each document as one save left it, however fast it is written meanwhile', async () => {
    const c = await context.collection({ name: 'by_n', fields: ['n'] });
    const documents = Array.from({ length: 200 }, (_, i) => `d${i}`);
    let writing = true;
    const writer = (async () => {
      const untilMs = performance.now() + 1_000;
      for (let n = 1; n < 20 || (n < 2_000 && performance.now() < untilMs); n++)
        await context.put(c, ...documents.map((id) => doc(id, { n, again: n }, { version: n, wakeAt: n })));
    })().finally(() => {
      writing = false;
    });
    const torn = new Set<string>();
    const reader = async (read: () => Promise<readonly (StoredDocument | undefined)[]>) => {
      while (writing) {
        for (const document of await read()) {
          if (!document) continue;
          const { version, wakeAt, body } = document;
          const seen = JSON.stringify([version, wakeAt, body.n, body.again]);
          if (seen !== JSON.stringify([version, version, version, version])) torn.add(seen);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([
      writer,
      reader(() => context.store.load(c, documents)),
      reader(() => context.store.scan(c)),
      reader(() => context.store.due(c, Number.MAX_SAFE_INTEGER, 100)),
      reader(async () => (await context.store.query(c, { index: 'by_n', limit: 100 })).documents),
    ]);
    expect([...torn]).toEqual([]);
  });

  it('reads its own writes as soon as they are called won', async () => {
    const c = await context.collection({ name: 'by_n', fields: ['n'] });
    for (let n = 1; n <= 30; n++) {
      expect(await context.store.save(c, [write(n - 1, 'a', { n })])).toEqual(['won']);
      expect(await context.version(c, 'a')).toBe(n);
      expect(await context.store.count(c, { index: 'by_n', equals: [n] })).toBe(1);
    }
  });
}

function tokens(body: JsonObject | undefined): string[] {
  return Array.isArray(body?.tokens) ? body.tokens.map(String) : [];
}
