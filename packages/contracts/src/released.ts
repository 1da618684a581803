/** The contracts as they were released, one file per version. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Release } from './compatibility.ts';

export const RELEASED = new URL('../released/', import.meta.url);

const NAME = /^(\d+)\.(\d+)\.(\d+)\.json$/;

/** All releases, oldest first. */
export const releases = (): readonly Release[] =>
  readdirSync(RELEASED)
    .filter((file) => NAME.test(file))
    .map((file) => JSON.parse(readFileSync(new URL(file, RELEASED), 'utf8')) as Release)
    .sort((a, b) => compareVersions(a.version, b.version));

export const lastReleaseBefore = (version: string): Release | undefined =>
  releases().findLast((release) => compareVersions(release.version, version) < 0);

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  const i = left.findIndex((part, at) => part !== right[at]);
  return i < 0 ? 0 : (left[i] ?? 0) - (right[i] ?? 0);
}
