import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's root folder. */
export const root = dirname(dirname(import.meta.dirname));

export type Workspace = {
  /** As in its package.json, such as `@coachloop/event-log`. */
  name: string;
  /** From the root, with forward slashes: `packages/event-log`. */
  folder: string;
  /** Every name that its package.json declares as a dependency of some kind. */
  declared: string[];
};

type Manifest = {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
};

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

function declaredIn(manifest: Manifest): string[] {
  const { dependencies, devDependencies, peerDependencies } = manifest;
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
}

/** What tests and configuration files of every workspace may use: the tools in the root's package.json. */
export function sharedTools(): string[] {
  return declaredIn(readManifest('.'));
}

export function listWorkspaces(): Workspace[] {
  const patterns = (readManifest('.').workspaces ?? []).map((pattern) => `${pattern}/package.json`);
  return globSync(patterns, { cwd: root })
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .sort()
    .map((folder) => {
      const manifest = readManifest(folder);
      return { name: manifest.name, folder, declared: declaredIn(manifest) };
    });
}

/**
 * The workspaces that the words name, each by its full name or its folder's name; all of them without words.
 * Throws a plain Error that lists the names if a word fits none.
 */
export function selectWorkspaces(words: string[], all: Workspace[]): Workspace[] {
  if (words.length === 0) return all;
  const shortName = (workspace: Workspace) => workspace.name.replace('@coachloop/', '');
  return words.map((word) => {
    const wanted = word.replace(/\/$/, '');
    const found = all.find(
      ({ name, folder }) => name === wanted || folder === wanted || name === `@coachloop/${wanted}`,
    );
    if (found === undefined)
      throw new Error(`no package is called "${word}"; there are: ${all.map(shortName).join(', ')}`);
    return found;
  });
}
