/** Services of ours on adapters, in this process: what `up` and `service` share. They differ in their adapters alone. */
import { setTimeout } from 'node:timers/promises';
import { type Clock, faultsFrom } from '@coachloop/runtime';
import { isLoopback, type Logger, Platform, type PlatformOptions, startTelemetry } from '@coachloop/service-kit';
import type { Adapters } from '@coachloop/service-kit/adapters';
import type { Settings } from './config/settings.ts';
import { CliError } from './errors.ts';
import { VERSION } from './version.ts';

export interface Composition
  extends Pick<
    PlatformOptions,
    'services' | 'servers' | 'extend' | 'era' | 'installation' | 'peers' | 'apiDocument' | 'lagEveryMs'
  > {
  /** What it is called in the telemetry. */
  readonly name: string;
  readonly settings: Settings;
  readonly adapters: Adapters;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Composed {
  readonly platform: Platform;
  /** Ends platform and adapters, in that order, within COACHLOOP_STOP_TIMEOUT_MS: what is not closed by then ends with the process. */
  stop(): Promise<void>;
}

/** What is in hand is finished in the first part of the bound, the adapters end in the second, and the rest is left to say so. */
const FINISH_SHARE = 0.5;
const CLOSE_SHARE = 0.9;
/** Spans are worth no more: a collector that is away is no reason to stop late, or to say that stopping failed. */
const TELEMETRY_MS_MAX = 2_000;

/** Resolves when it listens; `platform.started` when it can work. @throws CliError PORT_TAKEN */
export async function compose(composition: Composition): Promise<Composed> {
  const { name, settings, adapters, ...options } = composition;
  const { HOST: host, PORT: port } = settings;
  const allowedHosts = settings.COACHLOOP_ALLOWED_HOSTS?.toLowerCase().split(',');
  const telemetry = await startTelemetry(VERSION, { OTEL_SERVICE_NAME: name, ...process.env });
  const platform = await Platform.listen({
    ...options,
    log: adapters.log,
    store: adapters.store,
    host,
    port,
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    version: VERSION,
    faults: faultsFrom(process.env),
    stopMs: settings.COACHLOOP_STOP_TIMEOUT_MS * FINISH_SHARE,
    ...(telemetry ? { onHandled: (handled) => telemetry.onHandled(handled) } : {}),
  }).catch((error: unknown) => {
    throw portTaken(error, host, port) ?? error;
  });
  if (!isLoopback(host) && allowedHosts === undefined)
    process.stderr.write(
      `Warning: ${host} is open to the network and sign-in is not configured: only ingest is served.\n`,
    );
  return {
    platform,
    stop: async () => {
      const untilMs = performance.now() + settings.COACHLOOP_STOP_TIMEOUT_MS * CLOSE_SHARE;
      const inTime = async (what: string, end: Promise<void>, msMax = Number.POSITIVE_INFINITY) => {
        if (!(await endsWithin(Math.min(msMax, untilMs - performance.now()), end)))
          options.logger.warn({ what }, 'did not end in time and is left behind; nothing acknowledged is lost');
      };
      const unsent = (error: unknown) => options.logger.warn({ err: String(error) }, 'the last spans were not sent');
      try {
        await inTime('services', platform.stop());
      } finally {
        const told = telemetry?.stop().catch(unsent);
        // A handler in hand or an append may wait for a broker for longer than anybody waits for us.
        await Promise.all([inTime('adapters', adapters.close()), told && inTime('telemetry', told, TELEMETRY_MS_MAX)]);
      }
    },
  };
}

/** False: not within so long. Rejects as `end` does. */
async function endsWithin(ms: number, end: Promise<void>): Promise<boolean> {
  const late = new AbortController();
  const bound = setTimeout(Math.max(0, ms), false, { signal: late.signal }).catch(() => false);
  try {
    return await Promise.race([end.then(() => true), bound]);
  } finally {
    late.abort();
  }
}

function portTaken(error: unknown, host: string, port: number): CliError | null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return new CliError('PORT_TAKEN', `Something answers on ${host}:${port} already.`);
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new CliError('PORT_TAKEN', `${host}:${port} cannot be listened on (${code}).`);
  return null;
}
