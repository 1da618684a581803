/** `rebuild`: a projection is built anew from the start of the log, beside the one that answers, which is then switched. */
import { setTimeout } from 'node:timers/promises';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { Progress, printJson, printLine } from '../output.ts';

export interface RebuildOptions {
  readonly url: string;
  readonly json?: boolean;
}

const LOOK_MS = 250;

/** Projections that can be rebuilt, and where. */
const PATHS: Readonly<Record<string, string>> = { 'live-metrics': '/metrics/v1/rebuild' };

interface Status {
  readonly state: 'idle' | 'building';
  /** Records that the new generation has still to read. */
  readonly lag: number | null;
  /** Null: nothing is being built; a platform of an earlier release does not tell. */
  readonly health?: {
    readonly stalledMs: number;
    readonly stallReason: string | null;
    readonly deadLettersOpen: number;
  } | null;
}

/** A store or log that is away for so long will not be back in a moment; whoever waits should know. */
const STALL_MS_MAX = 60_000;

export async function rebuild(projection: string, options: RebuildOptions): Promise<void> {
  const path = PATHS[projection];
  if (path === undefined)
    throw new CliError(
      'ARGUMENT_INVALID',
      `${JSON.stringify(projection)} is no projection; there is: ${Object.keys(PATHS).join(', ')}.`,
    );
  const client = new Client(options.url);
  const progress = new Progress(`rebuilding ${projection}`);
  let status = await client.post<Status>(path, {});
  const inAllEvents = status.lag;
  while (status.state === 'building') {
    const { lag } = status;
    if (inAllEvents !== null && lag !== null)
      progress.update(Math.max(0, inAllEvents - lag), null, `${lag} to go${faultsOf(status)}`);
    if ((status.health?.stalledMs ?? 0) >= STALL_MS_MAX)
      throw new CliError('REBUILD_STALLED', `The new figures have ${lag} records to go${faultsOf(status)}.`);
    await setTimeout(LOOK_MS);
    status = await client.get<Status>(path);
  }
  if (options.json) printJson(status);
  else printLine(`${projection} was rebuilt, and answers from the new figures.`);
}

function faultsOf({ health }: Status): string {
  if (!health) return '';
  const { stalledMs, stallReason, deadLettersOpen } = health;
  const stall = stalledMs > 0 ? `, stalled for ${Math.ceil(stalledMs / 1000)} s: ${stallReason}` : '';
  return deadLettersOpen > 0 ? `${stall}, ${deadLettersOpen} dead letters` : stall;
}
