/** What a data folder knows of its move: a name for it, which is in the target too, and when it was over. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../data-folder.ts';
import { CliError } from '../errors.ts';

export interface Note {
  readonly id: string;
  /** Brokers, for people. */
  readonly to: string;
  readonly startedAt: string;
  /** Null: it is under way, or was broken off. */
  readonly finishedAt: string | null;
}

const FILE = 'moved.json';

export function readNote(directory: string): Note | null {
  const file = join(directory, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Note) : null;
}

export const newNote = (to: string): Note => ({
  id: randomUUID(),
  to,
  startedAt: new Date().toISOString(),
  finishedAt: null,
});

export const writeNote = (directory: string, note: Note): void =>
  writeDurably(directory, join(directory, FILE), `${JSON.stringify(note)}\n`);

/** A platform that went on here would score, remind and deliver what the moved one does too. @throws CliError DATA_FOLDER_MOVED */
export function assertNotMoved(directory: string): void {
  const note = readNote(directory);
  if (note?.finishedAt)
    throw new CliError('DATA_FOLDER_MOVED', `${directory} was moved to Kafka at ${note.to} on ${note.finishedAt}.`);
}
