/**
 * Checks of a whole installation: by the platform that runs on it, where there is one, else by opening its folder here. The
 * lock of the system decides which: a folder that is in use is never opened twice.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentStore } from '@coachloop/document-store';
import { type EventLog, isLogError } from '@coachloop/event-log';
import type { ServiceDefinition } from '@coachloop/runtime';
import { systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { Client } from './client.ts';
import { addressOf } from './data-folder.ts';
import { CliError } from './errors.ts';
import { explain } from './explain.ts';
import { Progress, remark } from './output.ts';
import { projectDirectory, userPath } from './paths.ts';
import { DEFAULT_URL } from './register/options.ts';
import { allServices } from './services.ts';

export interface InspectTarget {
  readonly url?: string;
  readonly data?: string;
}

interface Step {
  readonly step: string;
  readonly events: number;
  readonly documents: number;
}
export type Tell = (step: Step) => void;
export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
}

/** `name`: of the route under /ops/v1; `here`: the same work on a folder that nobody runs on. */
export async function inspect<T>(
  name: string,
  { url, data }: InspectTarget,
  here: (adapters: Adapters, tell: Tell) => Promise<T>,
): Promise<T> {
  const progress = new Progress(name);
  const tell: Tell = ({ step, events, documents }) =>
    progress.update(events + documents, null, step === 'waiting' ? `waiting for ${events} events to be handled` : step);
  if (url !== undefined) return overHttp(url, name, tell);
  if (data === undefined && (await answers(DEFAULT_URL))) return overHttp(DEFAULT_URL, name, tell);
  const directory = folderOf(data);
  try {
    const adapters = await openEmbedded({ directory, clock: systemClock, onFatal: (error) => explain(error) });
    try {
      remark(`No platform runs on ${directory}: it is read here.`);
      return await here(adapters, tell);
    } finally {
      await adapters.close();
    }
  } catch (error) {
    if (!isLogError(error, 'LOG_LOCKED')) throw error;
    const address = addressOf(directory);
    if (!address) throw error;
    return overHttp(address.url, name, tell);
  }
}

/** To read what services wrote their keys are not needed. */
export const definitions = (): readonly ServiceDefinition[] =>
  allServices({ customerKey: '' }).map(({ definition }) => definition);

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
