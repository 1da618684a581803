/** `indexes apply`: the indexes that an installation on MongoDB needs, as the services declare them. */
import { applyIndexes, type IndexChange } from '@coachloop/document-store/mongo';
import { mongoUriOf } from '../config/connections.ts';
import { readSettings } from '../config/read.ts';
import { printJson, printLine, remark } from '../output.ts';
import { wantedCollections } from '../wanted.ts';

export interface IndexesOptions {
  readonly uri?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function apply({ uri, dryRun = false, json }: IndexesOptions): Promise<void> {
  const settings = readSettings({ env: process.env, options: { MONGODB_URI: uri } }).values;
  const specs = wantedCollections();
  const changes = await applyIndexes({ uri: mongoUriOf(settings) }, specs, { dryRun, say: remark });
  const collections = new Set(specs.map(({ name }) => name)).size;
  if (json) printJson({ ok: true, applied: !dryRun, collections, changes });
  else
    for (const [collection, own] of Map.groupBy(changes, (change) => change.collection))
      printLine(`+ ${collection}: ${countOf(own)}`);
  remark(`${changes.length} ${dryRun ? 'are missing' : 'made'}, in ${collections} collections`);
}

/** For people; `--json` has the names. Filling an index takes as long as there are documents. */
function countOf(changes: readonly IndexChange[]): string {
  const documents = Math.max(...changes.map((change) => change.documents));
  const indexes = changes.length === 1 ? '1 index' : `${changes.length} indexes`;
  return documents > 0 ? `${indexes} (${documents} documents to enter)` : indexes;
}
