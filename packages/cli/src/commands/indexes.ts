/** `indexes apply`: the indexes that an installation on MongoDB needs, as the services declare them. */
import { applyIndexes } from '@coachloop/document-store/mongo';
import { collectionsOfService } from '@coachloop/runtime';
import { CliError } from '../errors.ts';
import { printJson, printLine, remark } from '../output.ts';
import { allServices } from '../services.ts';

export interface IndexesOptions {
  readonly uri?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function apply({ uri = process.env.MONGODB_URI, dryRun = false, json }: IndexesOptions): Promise<void> {
  if (!uri?.trim()) throw new CliError('ARGUMENT_INVALID', 'No MongoDB is named: --uri or MONGODB_URI.');
  const specs = allServices({ customerKey: '' }).flatMap(({ definition }) => collectionsOfService(definition));
  const changes = await applyIndexes({ uri: uri.trim() }, specs, { dryRun, say: remark });
  const collections = new Set(specs.map(({ name }) => name)).size;
  if (json) printJson({ ok: true, applied: !dryRun, collections, changes });
  else
    for (const { collection, index, fields, documents } of changes)
      printLine(`+ ${collection} ${index}: ${fields.join(', ')}${documents > 0 ? ` (${documents} documents)` : ''}`);
  remark(`${changes.length} ${dryRun ? 'are missing' : 'made'}, in ${collections} collections`);
}
