/**
 * Checks of a whole installation: by the platform that runs on it, where there is one, else by opening its folder here. The
 * lock of the system decides which: a folder that is in use is never opened twice.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Verification } from '@coachloop/runtime';
import type { DigestReport } from '@coachloop/service-kit';
import { Client } from './client.ts';
import { addressOf } from './data-folder.ts';
import { CliError } from './errors.ts';
import { Progress, remark } from './output.ts';
import { projectDirectory, userPath } from './paths.ts';
import { DEFAULT_URL } from './register/options.ts';

export interface InspectTarget {
  readonly url?: string;
  readonly data?: string;
}

export interface Step {
  readonly step: string;
  readonly events: number;
  readonly documents: number;
}
export type Tell = (step: Step) => void;

export interface Inspections {
  readonly verify: Verification;
  readonly digest: DigestReport;
}

/** `name` is also that of the route under /ops/v1. */
export async function inspect<N extends keyof Inspections>(
  name: N,
  { url, data }: InspectTarget,
): Promise<Inspections[N]> {
  const progress = new Progress(name, 'events and documents');
  const tell: Tell = ({ step, events, documents }) => {
    // What is waited for gets less, and was not read.
    if (step === 'waiting') progress.update(0, null, `waiting for ${events} events to be handled`);
    else progress.update(events + documents, null, step);
  };
  if (url !== undefined) return overHttp(url, name, tell);
  if (data === undefined && (await answers(DEFAULT_URL))) return overHttp(DEFAULT_URL, name, tell);
  const directory = folderOf(data);
  // Only now: asking a platform needs none of what the services are made of.
  const { inspectHere } = await import('./inspect-here.ts');
  try {
    return await inspectHere(name, directory, tell);
  } catch (error) {
    const address = error instanceof Error && 'code' in error && error.code === 'LOG_LOCKED' && addressOf(directory);
    if (!address) throw error;
    return overHttp(address.url, name, tell);
  }
}

function folderOf(given: string | undefined): string {
  const candidates =
    given === undefined
      ? ['data', 'demo'].map((name) => join(projectDirectory, '.coachloop', name))
      : [userPath(given)];
  const found = candidates.find((directory) => existsSync(join(directory, 'log.sqlite')));
  if (found !== undefined) return found;
  throw new CliError('DATA_FOLDER_MISSING', `There is no event log in ${candidates.join(' or ')}.`);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  const body: unknown = await response?.json().catch(() => null);
  return typeof body === 'object' && body !== null && 'alive' in body;
}

type Line<T> =
  | { readonly progress: Step }
  | { readonly result: T }
  | { readonly problem: { readonly code: string; readonly detail: string } };

async function overHttp<T>(url: string, name: string, tell: Tell): Promise<T> {
  remark(`Asking the platform at ${url}.`);
  for await (const text of await new Client(url).lines(`/ops/v1/${name}`, { method: 'POST' })) {
    if (text.trim() === '') continue;
    const line = JSON.parse(text) as Line<T>;
    if ('result' in line) return line.result;
    if ('problem' in line) throw Object.assign(new Error(line.problem.detail), { code: line.problem.code });
    tell(line.progress);
  }
  throw new CliError('STREAM_BROKEN', `${url} said nothing of the result.`);
}
