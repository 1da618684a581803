/** Files that people name: found, or said clearly that they are not. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './errors.ts';
import { userPath } from './paths.ts';

/** The files of a folder that may hold calls, with all below it and sorted; a file is itself. `path` is absolute. */
export async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => {
    throw new CliError('FILE_NOT_FOUND', `There is no file or folder ${path}.`);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path, { recursive: true })).filter((name) => /\.(json|ndjson|vcon)$/i.test(name));
  return names.sort().map((name) => join(path, name));
}

/** `path` as the user wrote it. @throws CliError */
export async function readText(path: string): Promise<string> {
  return readFile(userPath(path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CliError('FILE_NOT_FOUND', `There is no file ${userPath(path)}.`);
    throw new CliError('FILE_UNREADABLE', `${userPath(path)} cannot be read (${error.code}).`);
  });
}

/** One JSON document of a file, as text on one line; `path`: JSON pointer, or line. */
export interface FileDocument {
  readonly path: string;
  readonly text: string;
}

const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** The documents of a file: one per line of NDJSON, else one, or the items of an array. @throws CliError FILE_UNREADABLE */
export async function* documentsAt(file: string): AsyncGenerator<FileDocument> {
  if (/\.ndjson$/i.test(file)) {
    yield* linesAt(file);
    return;
  }
  const { size } = await stat(file);
  if (size > FILE_BYTES_MAX)
    throw new CliError('FILE_UNREADABLE', `${file} has ${size} bytes; at most ${FILE_BYTES_MAX} are read at once.`);
  const text = await readText(file);
  if (text.trim() === '') throw new CliError('FILE_UNREADABLE', `${file} is empty.`);
  const documents = documentsIn(text);
  if (documents.length === 0) throw new CliError('FILE_UNREADABLE', `${file} holds an empty list.`);
  for (const [path, document] of documents) yield { path, text: document };
}

async function* linesAt(file: string): AsyncGenerator<FileDocument> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('FILE_UNREADABLE', `${file} cannot be read (${error.code}).`);
  });
  let line = 0;
  for await (const text of handle.readLines()) {
    line += 1;
    if (text.trim() !== '') yield { path: `line ${line}`, text };
  }
}

/** What is not JSON is passed on as it is, for the platform to say what is wrong. */
function documentsIn(text: string): readonly (readonly [string, string])[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value)
      ? value.map((item, i) => [`/${i}`, JSON.stringify(item)] as const)
      : [['', JSON.stringify(value)]];
  } catch {
    return [['', text.replace(/[\r\n]+/g, ' ')]];
  }
}
