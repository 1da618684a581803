import mongoose, { type mongo } from 'mongoose';
import type { Verdict } from '../port.ts';
import type { DocumentRow } from './rows.ts';

const DUPLICATE_KEY = 11_000;

/**
 * A guarded replace of the whole document; of one that must not exist, an upsert: no document has version 0, so it never matches,
 * and where the id is taken the insert fails. So one bulk is one command.
 */
export function guardedReplace(row: DocumentRow): mongo.AnyBulkWriteOperation<DocumentRow> {
  const { _id, ...replacement } = row;
  const expected = row.version - 1;
  return {
    replaceOne: { filter: { _id, version: expected }, replacement, ...(expected === 0 && { upsert: true }) },
  };
}

interface Counts {
  readonly matchedCount: number;
  readonly upsertedIds: Readonly<Record<number, unknown>>;
}

/**
 * MongoDB counts replaces that matched, it does not say which. So: all matched → all won, else each of them is unknown. Of what it
 * upserted it names each.
 */
export function verdictsOf(rows: readonly DocumentRow[], { matchedCount, upsertedIds }: Counts): Verdict[] {
  const replaces = rows.filter(({ version }) => version > 1).length;
  const allMatched = matchedCount === replaces;
  return rows.map(({ version }, i) => ((version > 1 ? allMatched : i in upsertedIds) ? 'won' : 'unknown'));
}

/** The counts that an error carries, if all that went wrong is that ids were taken; else undefined: nothing is certain. */
export function countsOf(error: unknown): Counts | undefined {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return undefined;
  const errors: mongo.WriteError[] = [error.writeErrors].flat();
  const onlyTaken = errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
  return onlyTaken && !error.result.getWriteConcernError() ? error.result : undefined;
}

/** Were all failures of the kind that another try may settle: ids that two upserts made at once? */
export function isRace(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoBulkWriteError && error.code === DUPLICATE_KEY;
}

/**
 * Cut off, timed out, or not yet with the majority: it may have happened or not. Who asks again is told the truth by the
 * documents. An error of the server's own that will come again (no rights, no room) is not of these: it must be heard.
 */
export function isUnclear(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return false;
  const fromServer = typeof error.code === 'number';
  return !fromServer || error.result.getWriteConcernError() !== undefined || error.hasErrorLabel('RetryableWriteError');
}
