/** Services of ours on adapters, in this process: what `up` and `service` share. They differ in their adapters alone. */
import { type Clock, faultsFrom } from '@coachloop/runtime';
import { isLoopback, type Logger, Platform, type PlatformOptions, startTelemetry } from '@coachloop/service-kit';
import type { Adapters } from '@coachloop/service-kit/adapters';
import type { Settings } from './config/settings.ts';
import { CliError } from './errors.ts';
import { VERSION } from './version.ts';

export interface Composition
  extends Pick<
    PlatformOptions,
    'services' | 'extend' | 'era' | 'installation' | 'peers' | 'apiDocument' | 'lagEveryMs'
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
  /** Ends platform and adapters, in that order. */
  stop(): Promise<void>;
}

/** The adapters' own end comes after that. */
const FINISH_SHARE = 0.5;

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
      await platform.stop();
      await adapters.close();
      await telemetry?.stop();
    },
  };
}

function portTaken(error: unknown, host: string, port: number): CliError | null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return new CliError('PORT_TAKEN', `Something answers on ${host}:${port} already.`);
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new CliError('PORT_TAKEN', `${host}:${port} cannot be listened on (${code}).`);
  return null;
}
