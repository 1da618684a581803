/** Checks of the machine: Node, its clock, its disk, and a browser for the tests. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Check } from './check.ts';

const NODE_MAJOR_MIN = 26;
const DISK = { problem_bytes: 200 * 1024 * 1024, hint_bytes: 2 * 1024 ** 3 } as const;
/** This release was not made before. */
const YEAR_MIN = 2026;
const YEAR_MAX = 2100;

export function node(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  const status = major >= NODE_MAJOR_MIN ? 'ok' : 'problem';
  const advice = status === 'ok' ? '' : `; ${NODE_MAJOR_MIN} is needed: start with ./coachloop, which brings it`;
  return { name: 'node', status, detail: `${process.versions.node} on ${process.platform}-${process.arch}${advice}` };
}

export function clock(): Check {
  const now = new Date();
  const sane = now.getUTCFullYear() >= YEAR_MIN && now.getUTCFullYear() < YEAR_MAX;
  const advice = sane ? '' : '; it cannot be right, and events get wrong times: set it';
  return { name: 'clock', status: sane ? 'ok' : 'problem', detail: `${now.toISOString()}${advice}` };
}

export async function disk(directory: string): Promise<Check> {
  const { bavail, bsize } = await statfs(existing(directory));
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${directory}`;
  if (free < DISK.problem_bytes) return { name: 'disk', status: 'problem', detail: `${detail}; make space` };
  return { name: 'disk', status: free < DISK.hint_bytes ? 'hint' : 'ok', detail };
}

/** The nearest folder above that is there. */
export const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)));

/** For the browser test alone, which looks in the same places. */
export function chromium(): Check {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((each) => each !== '');
  const found =
    process.env.CHROME_PATH ||
    folders.flatMap((each) => names.map((name) => join(each, name))).find((path) => existsSync(path));
  return found !== undefined && existsSync(found)
    ? { name: 'chromium', status: 'ok', detail: found }
    : { name: 'chromium', status: 'hint', detail: 'none found: `npm test` leaves the browser test out and says so' };
}
