/** Copies documents, version and all, and marks. What an earlier attempt wrote is compared, and written again only where it differs. */
import type { CollectionSpec, ScanOptions, StoredDocument } from '@coachloop/document-store';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

/** Documents may have megabytes each, payloads mostly do. */
const PAGE = 200;
const PAYLOADS_PAGE = 16;
const MARKS_PAGE = 1_000;

export type Tell = (done: number, total: number, what: string) => void;

export async function copyDocuments(source: Source, target: Target, tell: Tell): Promise<Counts> {
  await target.store.declare(source.collections);
  const total = await countOf(source);
  let documents = 0;
  let marks = 0;
  for (const spec of source.collections) {
    const read = (count: number) => {
      if (spec.marks) marks += count;
      else documents += count;
      tell(documents + marks, total.documents + total.marks, spec.name);
    };
    await (spec.marks ? copyMarks : copyCollection)(source, target, spec.name, read);
  }
  return { documents, marks };
}

export interface Counts {
  readonly documents: number;
  readonly marks: number;
}

/** Marks cannot be counted by the port: pages of them are small. */
export async function countOf({ store, collections }: Source): Promise<Counts> {
  const isMarks = ({ marks = false }: CollectionSpec) => marks;
  let [documents, marks] = [0, 0];
  for (const { name } of collections.filter((spec) => !isMarks(spec))) documents += await store.count(name);
  for (const { name } of collections.filter(isMarks))
    for await (const page of pages((page) => store.scanMarks(name, page), MARKS_PAGE)) marks += page.length;
  return { documents, marks };
}

type Copy = (source: Source, target: Target, name: string, read: (count: number) => void) => Promise<void>;

const copyMarks: Copy = async ({ store }, target, name, read) => {
  for await (const page of pages((page) => store.scanMarks(name, page), MARKS_PAGE)) {
    await target.store.raise(name, page);
    read(page.length);
  }
};

const copyCollection: Copy = async ({ store }, target, name, read) => {
  const limit = name === 'payloads' ? PAYLOADS_PAGE : PAGE;
  const isEmpty = (await target.store.count(name)) === 0;
  for await (const page of pages((page) => store.scan(name, page), limit)) {
    const there = isEmpty ? [] : await target.store.load(name, idsOf(page));
    const different = page.filter((document, i) => textOf(document) !== textOf(there[i]));
    await target.store.restore(name, different);
    read(page.length);
  }
  if ((await target.store.count(name)) !== (await store.count(name))) await removeStrangers(store, target, name, limit);
};

/** The folder went on after an attempt that was broken off, and documents were removed there since. */
async function removeStrangers(store: Source['store'], target: Target, name: string, limit: number): Promise<void> {
  for await (const page of pages((page) => target.store.scan(name, page), limit)) {
    const known = await store.load(name, idsOf(page));
    const gone = idsOf(page).filter((_, i) => known[i] === undefined);
    if (gone.length > 0) await target.store.delete(name, gone);
  }
}

async function* pages<T extends { readonly id: string }>(
  next: (page: ScanOptions) => Promise<readonly T[]>,
  limit: number,
): AsyncGenerator<readonly T[]> {
  for (let afterId: string | undefined; ; ) {
    const page = await next(afterId === undefined ? { limit } : { limit, afterId });
    if (page.length > 0) yield page;
    afterId = page.at(-1)?.id;
    if (page.length < limit) return;
  }
}

const idsOf = (documents: readonly StoredDocument[]): readonly string[] => documents.map(({ id }) => id);
const textOf = (document: StoredDocument | undefined): string =>
  document ? JSON.stringify([document.version, document.wakeAt, document.lane, document.body]) : '';
