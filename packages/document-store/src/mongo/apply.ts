import { setTimeout as wait } from 'node:timers/promises';
import { checkSpec, mergeSpecs } from '../checks.ts';
import type { CollectionSpec } from '../port.ts';
import { Catalog } from './catalog.ts';
import { CATALOG_MS_MAX, Collections } from './collections.ts';
import { MongoConnection } from './connection.ts';
import { toStoreError } from './failure.ts';
import { withoutEntry } from './fill.ts';
import { mongoIndexes } from './indexes.ts';
import type { MongoStoreOptions } from './options.ts';
import type { DocumentRow } from './rows.ts';

export interface IndexChange {
  readonly collection: string;
  /** As MongoDB names it. */
  readonly index: string;
  readonly fields: readonly string[];
  /** How many documents that are there already have to be entered. */
  readonly documents: number;
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** Gets a line where it takes longer. */
  readonly say?: (line: string) => void;
}

const NAMESPACE_NOT_FOUND = 26;

/**
 * Makes what is missing of the declared indexes and fills them; returns what was missing or not full. Drops nothing. Throws
 * `STORE_DECLARATION_DIFFERS`, before anything is changed, where an index exists with other fields.
 */
export async function applyIndexes(
  options: MongoStoreOptions,
  given: readonly CollectionSpec[],
  { dryRun = false, say = () => undefined }: ApplyOptions = {},
): Promise<readonly IndexChange[]> {
  const specs = joined(given);
  const connection = await MongoConnection.open({ patient: true, ...options });
  try {
    const known = await new Catalog(connection).read(specs.map(({ name }) => name));
    const merged = specs.map((spec) => mergeSpecs(known.get(spec.name), spec));
    const changes: IndexChange[] = [];
    for (const spec of merged) changes.push(...(await missing(connection, spec)));
    if (dryRun) return changes;
    const declare = () => new Collections(connection, async () => {}).declare(merged);
    await declare();
    if (changes.some(({ documents }) => documents > 0)) {
      // Until then, services that run may save documents without having heard of the new index.
      say(`Waiting ${CATALOG_MS_MAX / 1000} s for running services to hear of it`);
      await wait(CATALOG_MS_MAX);
      await declare();
    }
    return changes;
  } catch (error) {
    throw toStoreError(error, 'applying indexes');
  } finally {
    await connection.close();
  }
}

/** Several services declare the kernel's own collections. */
function joined(specs: readonly CollectionSpec[]): readonly CollectionSpec[] {
  const byName = new Map<string, CollectionSpec>();
  for (const spec of specs) {
    checkSpec(spec);
    byName.set(spec.name, mergeSpecs(byName.get(spec.name), spec));
  }
  return [...byName.values()];
}

async function missing(connection: MongoConnection, spec: CollectionSpec): Promise<readonly IndexChange[]> {
  const rows = connection.collection<DocumentRow>(spec.name);
  const existing = await rows.listIndexes().toArray().catch(noneIfNoCollection);
  const names = new Set<unknown>(existing.map(({ name }: { name?: unknown }) => name));
  const changes: IndexChange[] = [];
  for (const { name = '', key } of mongoIndexes(spec)) {
    const index = spec.indexes.find((each) => `by_${each.name}` === name);
    // Also where the index is there: whoever made it may have been broken off before it was full.
    const documents = index ? await rows.countDocuments(withoutEntry([index])) : 0;
    if (names.has(name) && documents === 0) continue;
    changes.push({ collection: spec.name, index: name, fields: index?.fields ?? Object.keys(key), documents });
  }
  return changes;
}

function noneIfNoCollection(error: unknown): never[] {
  if (error instanceof Error && 'code' in error && error.code === NAMESPACE_NOT_FOUND) return [];
  throw error;
}
