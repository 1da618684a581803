import { checkSpec, mergeSpecs, unknownCollection } from '../checks.ts';
import { StoreError } from '../errors.ts';
import type { CollectionSpec } from '../port.ts';
import { Catalog } from './catalog.ts';
import type { MongoConnection } from './connection.ts';
import { fillIndexes } from './fill.ts';
import { mongoIndexes } from './indexes.ts';
import type { DocumentRow } from './rows.ts';

export interface Collection {
  /** As this process declared it: what may be queried. */
  readonly declared: CollectionSpec;
  /** With the indexes that only other releases declared: this process keeps them up too. */
  readonly stored: CollectionSpec;
}

/** How long a process may write without having looked whether another release added an index. */
export const CATALOG_MS_MAX = 10_000;

/** What was declared, here and elsewhere. */
export class Collections {
  readonly #connection: MongoConnection;
  readonly #catalog: Catalog;
  readonly #known = new Map<string, Collection>();
  #readAt = performance.now();
  #reading: Promise<void> | undefined;
  #declaring: Promise<void> | undefined;

  readonly #saved: () => Promise<void>;
  readonly #expected: ReadonlySet<string>;

  /**
   * @param saved resolves when the saves that are under way are decided.
   * @param expect names of collections whose indexes are there already, or it is an error.
   */
  constructor(connection: MongoConnection, saved: () => Promise<void>, expect: readonly string[] = []) {
    this.#connection = connection;
    this.#saved = saved;
    this.#expected = new Set(expect);
    this.#catalog = new Catalog(connection);
  }

  documents(name: string): Collection {
    const known = this.#known.get(name);
    if (!known || known.stored.marks) throw unknownCollection(name, 'documents');
    return known;
  }

  marks(name: string): Collection {
    const known = this.#known.get(name);
    if (!known?.stored.marks) throw unknownCollection(name, 'marks');
    return known;
  }

  /** What a save must wait for, so that it fills every index: a declaration under way here, or a look at those of others. */
  get pending(): Promise<void> | undefined {
    if (this.#declaring) return this.#declaring.catch(() => {});
    if (performance.now() - this.#readAt < CATALOG_MS_MAX) return undefined;
    this.#reading ??= this.#readAgain().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async declare(specs: readonly CollectionSpec[]): Promise<void> {
    for (const spec of specs) checkSpec(spec);
    const before = this.#declaring;
    const declaring = (async () => {
      await before?.catch(() => {});
      for (const spec of specs) await this.#declare(spec);
    })();
    this.#declaring = declaring;
    try {
      await declaring;
    } finally {
      if (this.#declaring === declaring) this.#declaring = undefined;
    }
  }

  async #declare(spec: CollectionSpec): Promise<void> {
    const declared = mergeSpecs(this.#known.get(spec.name)?.declared, spec);
    const before = (await this.#catalog.read([spec.name])).get(spec.name);
    if (this.#expected.has(spec.name)) assertThere(spec, before);
    const stored = await this.#catalog.add(declared);
    const rows = this.#connection.collection<DocumentRow>(spec.name);
    try {
      await rows.createIndexes(mongoIndexes(stored));
      await this.#saved(); // those that began before were prepared without the new index
      if (!stored.marks) await fillIndexes(rows, stored.indexes);
    } catch (error) {
      const isRefused = error instanceof StoreError && error.code === 'STORE_INDEX_VALUE_INVALID';
      const added = declared.indexes.filter(({ name }) => !before?.indexes.some((index) => index.name === name));
      if (isRefused) await this.#catalog.remove(spec.name, added);
      throw error;
    }
    this.#known.set(spec.name, { declared, stored });
  }

  async #readAgain(): Promise<void> {
    const found = await this.#catalog.read([...this.#known.keys()]);
    this.#readAt = performance.now();
    for (const [name, stored] of found) {
      const known = this.#known.get(name);
      if (known) this.#known.set(name, { ...known, stored });
    }
  }
}

/** Whoever expects indexes is to start at once, and not to find out that it fills them for hours. */
function assertThere(spec: CollectionSpec, known: CollectionSpec | undefined): void {
  const names = new Set(known?.indexes.map(({ name }) => name));
  const missing = spec.indexes.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (known !== undefined && missing.length === 0) return;
  const what = known === undefined ? 'has not been made' : `lacks the indexes ${missing.join(', ')}`;
  throw new StoreError('STORE_INDEX_MISSING', `Collection "${spec.name}" ${what}.`);
}
