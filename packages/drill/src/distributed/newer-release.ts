/**
 * What a newer release does that runs beside this one: it writes a field that this one does not know, into documents of every kind. Whoever
 * writes those next has to keep it.
 */
import { installation } from '@coachloop/cli';
import type { DocumentStore, JsonObject, StoredDocument } from '@coachloop/document-store';
import { openMongoStore } from '@coachloop/document-store/mongo';
import { collectionsOfService, type ServiceDefinition } from '@coachloop/runtime';
import { patiently } from './patiently.ts';

const FIELD = 'ofNewerRelease';
/** Of each collection, the first by id. */
const DOCUMENTS_MAX = 1_000;

export class NewerRelease {
  readonly #uri: string;
  /** Collection → ids of its documents that have the field. */
  readonly #written = new Map<string, Set<string>>();

  constructor(uri: string) {
    this.#uri = uri;
  }

  /** Returns how many documents of the service got it that did not have it; none of those that somebody wrote meanwhile. @throws StoreError */
  writes(service: string): Promise<number> {
    return patiently(() =>
      this.#inStore((store, definitions) => this.#write(store, collectionsOf(definitions, service))),
    );
  }

  /** `collection/id` of documents that had it and have it no more. @throws StoreError */
  lost(): Promise<readonly string[]> {
    return this.#inStore(async (store) => {
      const found: string[] = [];
      for (const [collection, ids] of this.#written) {
        const list = [...ids];
        const documents = await store.load(collection, list);
        found.push(...list.filter((_, i) => !has(documents[i])).map((id) => `${collection}/${id}`));
      }
      return found;
    });
  }

  async #write(store: DocumentStore, collections: readonly string[]): Promise<number> {
    let count = 0;
    for (const collection of collections) {
      const known = this.#written.get(collection) ?? new Set<string>();
      this.#written.set(collection, known);
      const before = known.size;
      for (const id of await extend(store, collection)) known.add(id);
      count += known.size - before;
    }
    return count;
  }

  async #inStore<T>(work: (store: DocumentStore, definitions: readonly ServiceDefinition[]) => Promise<T>): Promise<T> {
    const store = await openMongoStore({ uri: this.#uri });
    try {
      const definitions = await installation()(store);
      await store.declare(definitions.flatMap(collectionsOfService));
      return await work(store, definitions);
    } finally {
      await store.close();
    }
  }
}

/** Of the documents of a collection, up to `DOCUMENTS_MAX`, the ids of those that have the field now. @throws StoreError */
export async function extend(
  store: Pick<DocumentStore, 'scan' | 'save' | 'load'>,
  collection: string,
): Promise<readonly string[]> {
  const found = await store.scan(collection, { limit: DOCUMENTS_MAX });
  if (found.length === 0) return [];
  const chosen = found.filter((document) => !has(document));
  const writes = chosen.map((document) => ({ expectedVersion: document.version, document: extended(document) }));
  if (writes.length > 0) await store.save(collection, writes);
  // Which of them won is unknown as soon as one of them lost, and so is what an answer said that never came: the documents tell.
  const ids = found.map(({ id }) => id);
  const after = await store.load(collection, ids);
  return ids.filter((_, i) => {
    const document = after[i];
    return document !== undefined && stateOf(document) !== null && has(document);
  });
}

/** Of a service and of what runs beside it: `live-metrics` is also `live-metrics.g1`. */
const collectionsOf = (definitions: readonly ServiceDefinition[], service: string): readonly string[] =>
  definitions
    .filter(({ name }) => name === service || name.startsWith(`${service}.`))
    .flatMap(({ aggregates }) => aggregates.map(({ collection }) => collection));

const stateOf = ({ body }: StoredDocument): JsonObject | null => body.state as JsonObject | null;

/** What was deleted for good reasons has nothing to keep. */
const has = (document: StoredDocument | undefined): boolean => {
  const state = document && stateOf(document);
  return state === null || (state !== undefined && Object.hasOwn(state, FIELD));
};

const extended = (document: StoredDocument): StoredDocument => ({
  ...document,
  version: document.version + 1,
  body: { ...document.body, state: { ...stateOf(document), [FIELD]: { since: document.version } } },
});
