/** What belongs to one installation, beside the log and the store: its key for customer hashes, and what kind of folder it is. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from './errors.ts';

export interface DataFolder {
  readonly directory: string;
  /** Keys the hash of customers; made once, readable by the owner alone, and needed again after a restore. */
  readonly customerKey: string;
  /** Set after a restored backup, so that outputs start new streams. */
  readonly era: string;
}

const KEY = /^[0-9a-f]{64}$/;

/** Folder by folder: told to make all of them at once, some releases of Node never return where the system refuses (`/proc`). @throws CliError DATA_FOLDER_UNUSABLE */
export function makeDataFolder(directory: string): void {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const each of missing) mkdirSync(each, { mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('DATA_FOLDER_UNUSABLE', `${directory} cannot be used as a data folder (${code}).`, {
      cause: error,
    });
  }
}

/**
 * For whoever holds the folder's lock: two that start at once would make two keys.
 * @throws CliError CUSTOMER_KEY_INVALID
 */
export function openDataFolder(directory: string): DataFolder {
  const keyFile = join(directory, 'customer.key');
  if (!existsSync(keyFile)) writeDurably(directory, keyFile, randomBytes(32).toString('hex'));
  const customerKey = readFileSync(keyFile, 'utf8').trim();
  if (!KEY.test(customerKey))
    throw new CliError('CUSTOMER_KEY_INVALID', `${keyFile} does not hold a key of 64 hexadecimal digits.`);
  const eraFile = join(directory, 'era');
  const era = existsSync(eraFile) ? readFileSync(eraFile, 'utf8').trim() : '';
  return { directory, customerKey, era };
}

/** Under its name there is either nothing or the whole text, after a loss of power too. */
export function writeDurably(directory: string, file: string, text: string): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, text, { mode: 0o600, flush: true });
  renameSync(fresh, file);
  if (process.platform === 'win32') return; // a folder cannot be opened there; its journal keeps renames in order
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
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
