/** What belongs to one installation, beside the log and the store: its key for customer hashes, and what kind of folder it is. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

const ADDRESS_FILE = 'address.json';

/** Leaves a note where the platform on this folder answers. Whether it still runs is said by the lock, never by this note. */
export function announce(directory: string, url: string): void {
  const file = join(directory, ADDRESS_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify({ url, pid: process.pid })}\n`);
  renameSync(`${file}.new`, file);
}

export interface Address {
  readonly url: string;
  readonly pid: number;
}

/** Where the platform that last ran on this folder answered; null: none did. */
export function addressOf(directory: string): Address | null {
  try {
    const { url, pid } = JSON.parse(readFileSync(join(directory, ADDRESS_FILE), 'utf8')) as Partial<Address>;
    return typeof url === 'string' && typeof pid === 'number' ? { url, pid } : null;
  } catch {
    return null;
  }
}
