/** `simulate`: a synthetic centre calls the platform; the same seed sends the same bytes. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import {
  batch,
  type CallTruth,
  createCentre,
  DEFAULT_CONFIG,
  DEFAULT_PHRASES,
  parseConfig,
  parsePhrases,
  truthLines,
} from '@coachloop/simulator';
import type { Rate } from '../arguments.ts';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { readText } from '../files.ts';
import { Progress, printJson, printLine, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { Pool } from '../pool.ts';

export interface SimulateOptions {
  readonly url: string;
  readonly agents: number;
  readonly calls: number;
  readonly seed: number;
  readonly start?: string;
  /** Calls per second. */
  readonly rate: Rate;
  readonly phrases?: string;
  readonly config?: string;
  readonly truth?: string;
  readonly json?: boolean;
}

interface Answer {
  readonly rejected: readonly { readonly reason: string }[];
}

const EVENTS_PER_REQUEST = 500;
const IN_FLIGHT = 2;
const BATCH = 'application/cloudevents-batch+json';
const HOUR_MS = 3_600_000;
/** What an agent handles at least, on average; only to choose a start from which the whole simulation lies in the past. */
const CALLS_PER_HOUR_MIN = 5;

export async function simulate(options: SimulateOptions): Promise<void> {
  const client = new Client(options.url);
  const centreOptions = {
    seed: options.seed,
    agents: options.agents,
    startMs: startOf(options),
    config: options.config === undefined ? DEFAULT_CONFIG : parseConfig(await readText(options.config), options.config),
    phrases:
      options.phrases === undefined
        ? DEFAULT_PHRASES
        : parsePhrases([{ text: await readText(options.phrases), name: options.phrases }]),
  };
  const truths: CallTruth[] = [];
  const truthFile = options.truth === undefined ? null : createWriteStream(userPath(options.truth));
  const centre = createCentre(centreOptions);
  const progress = new Progress('simulated calls');
  let made = 0;
  const onCall = (call: CallTruth) => {
    made += 1;
    if (truthFile) truths.push(call);
  };
  const pool = new Pool(IN_FLIGHT);
  const refused: string[] = [];
  const post = async (events: readonly unknown[]) => {
    if (options.rate !== 'max') await setTimeout(Math.max(0, (made / options.rate - progress.seconds) * 1000));
    await pool.add(async () => {
      const { rejected } = await client.post<Answer>('/ingest/v1/events', events, { contentType: BATCH });
      refused.push(...rejected.map(({ reason }) => reason));
    });
    progress.update(made, options.calls);
  };
  let events: unknown[] = [];
  for (const { event } of batch({ ...centreOptions, calls: options.calls, onCall })) {
    events.push(event);
    if (events.length < EVENTS_PER_REQUEST && (options.rate === 'max' || made / options.rate <= progress.seconds))
      continue;
    await post(events);
    events = [];
  }
  if (events.length > 0) await post(events);
  await pool.drained();
  progress.end(made, options.calls);
  if (truthFile) {
    for (const line of truthLines(centre, truths)) if (!truthFile.write(line)) await once(truthFile, 'drain');
    await new Promise((resolve) => truthFile.end(resolve));
  }
  const result = { calls: made, seconds: Math.round(progress.seconds * 1000) / 1000, agents: options.agents };
  if (refused.length > 0) {
    remark(`${refused.length} events were rejected, the first because: ${refused[0]}`);
    process.exitCode = 1;
  }
  if (options.json) printJson(result);
  else printLine(`${result.calls} calls of ${result.agents} agents in ${result.seconds} s`);
}

/**
 * The same seed on the same day sends the same bytes: the start is a midnight (UTC) so long ago that the last call is over today.
 * `--start` fixes it for good.
 */
function startOf({ start, calls, agents }: SimulateOptions): number {
  if (start !== undefined) {
    const ms = Date.parse(start);
    if (Number.isNaN(ms))
      throw new CliError(
        'ARGUMENT_INVALID',
        `--start must be a time like 2026-03-01T08:00:00Z; it is ${JSON.stringify(start)}.`,
      );
    return ms;
  }
  const days = Math.ceil(calls / agents / CALLS_PER_HOUR_MIN / 24) + 1;
  return Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS - days * 24 * HOUR_MS;
}
