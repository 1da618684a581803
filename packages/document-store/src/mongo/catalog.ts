import type { mongo } from 'mongoose';
import { mergeSpecs } from '../checks.ts';
import { StoreError } from '../errors.ts';
import type { CollectionSpec, IndexSpec } from '../port.ts';
import type { MongoConnection } from './connection.ts';

/** Collections of the services begin with a small letter. */
const CATALOG = '_catalog';
const TRIES = 20;

interface CatalogRow {
  readonly _id: string;
  readonly rev: number;
  readonly marks: boolean;
  readonly indexes: readonly IndexSpec[];
}

/**
 * Which indexes there are, as all processes and releases together declared them. A process keeps up what it finds here, also
 * what only another release asks for: else its writes would be missing there during a rolling update.
 */
export class Catalog {
  readonly #rows: mongo.Collection<CatalogRow>;

  constructor(connection: MongoConnection) {
    this.#rows = connection.collection<CatalogRow>(CATALOG);
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, CollectionSpec>> {
    const rows = await this.#rows.find({ _id: { $in: [...names] } }).toArray();
    return new Map(rows.map((row) => [row._id, toSpec(row)]));
  }

  /** Adds what is new of the declaration; returns all that is there then. Throws `STORE_DECLARATION_DIFFERS`. */
  async add(spec: CollectionSpec): Promise<CollectionSpec> {
    const name = spec.name;
    const merged = await this.#change(name, (known) => mergeSpecs(known, spec));
    return merged ?? spec;
  }

  /** Takes back indexes that could not be filled. */
  async remove(name: string, indexes: readonly IndexSpec[]): Promise<void> {
    const gone = new Set(indexes.map((index) => index.name));
    await this.#change(
      name,
      (known) => known && { ...known, indexes: known.indexes.filter((index) => !gone.has(index.name)) },
    );
  }

  async #change(
    name: string,
    change: (known: CollectionSpec | undefined) => CollectionSpec | undefined,
  ): Promise<CollectionSpec | undefined> {
    for (let i = 0; i < TRIES; i++) {
      const row = await this.#rows.findOne({ _id: name });
      const known = row ? toSpec(row) : undefined;
      const next = change(known);
      if (!next || (known && known.indexes.length === next.indexes.length)) return known;
      const { marks = false, indexes } = next;
      const rev = row?.rev ?? 0;
      const written = await this.#rows
        .replaceOne({ _id: name, rev }, { rev: rev + 1, marks, indexes }, { upsert: rev === 0 })
        // Another process was faster with the same: it is read again.
        .catch((error: unknown) => ignoreDuplicate(error));
      if (written && written.matchedCount + written.upsertedCount === 1) return next;
    }
    throw new StoreError('STORE_UNAVAILABLE', `The indexes of "${name}" are being changed by others all the time.`);
  }
}

function ignoreDuplicate(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 11_000) return undefined;
  throw error;
}

function toSpec({ _id: name, marks, indexes }: CatalogRow): CollectionSpec {
  return {
    name,
    indexes: indexes.map((index) => ({ name: index.name, fields: [...index.fields] })),
    ...(marks && { marks }),
  };
}
