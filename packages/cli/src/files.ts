/** Files that people name: found, or said clearly that they are not. */
import { readdir, readFile, stat } from 'node:fs/promises';
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
