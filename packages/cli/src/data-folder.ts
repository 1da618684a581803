/** What belongs to one installation, beside the log and the store: its key for customer hashes, and what kind of folder it is. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DataFolder {
  readonly directory: string;
  /** Keys the hash of customers; made once, readable by the owner alone, and needed again after a restore. */
  readonly customerKey: string;
  /** Set after a restored backup, so that outputs start new streams. */
  readonly era: string;
}

export function openDataFolder(directory: string): DataFolder {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keyFile = join(directory, 'customer.key');
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  const eraFile = join(directory, 'era');
  const era = existsSync(eraFile) ? readFileSync(eraFile, 'utf8').trim() : '';
  return { directory, customerKey: readFileSync(keyFile, 'utf8').trim(), era };
}
