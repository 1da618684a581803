/** `rebuild`: a projection is built anew from the start of the log, beside the one that answers, which is then switched. */
import { setTimeout } from 'node:timers/promises';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { printJson, printLine, remark } from '../output.ts';

export interface RebuildOptions {
  readonly url: string;
  readonly json?: boolean;
}

const LOOK_MS = 250;

/** Projections that can be rebuilt, and where. */
const PATHS: Readonly<Record<string, string>> = { 'live-metrics': '/metrics/v1/rebuild' };

interface Status {
  readonly state: string;
  readonly lag?: number | null;
  readonly error?: string | null;
}

export async function rebuild(projection: string, options: RebuildOptions): Promise<void> {
  const path = PATHS[projection];
  if (path === undefined)
    throw new CliError(
      'ARGUMENT_INVALID',
      `${JSON.stringify(projection)} is no projection; there is: ${Object.keys(PATHS).join(', ')}.`,
    );
  const client = new Client(options.url);
  await client.post(path, {});
  let shown = '';
  for (;;) {
    const status = await client.get<Status>(path);
    if (status.state === 'failed')
      throw new CliError('REBUILD_FAILED', `${projection}: ${status.error ?? 'no reason given'}.`);
    if (status.state === 'idle' || status.state === 'done') {
      if (options.json) printJson(status);
      else printLine(`${projection} was rebuilt, and answers from the new figures.`);
      return;
    }
    const line = `${projection}: ${status.state}${typeof status.lag === 'number' ? `, ${status.lag} events to go` : ''}`;
    if (line !== shown) remark(line);
    shown = line;
    await setTimeout(LOOK_MS);
  }
}
