/** Where to listen and how fast, as options or the environment say. */
import { readSettings } from './config/read.ts';
import type { Settings } from './config/settings.ts';
import { CliError } from './errors.ts';

/** Of what runs everything in one process: a key press in a terminal is not to be waited upon for long. */
export const EMBEDDED_DEFAULTS = { COACHLOOP_STOP_TIMEOUT_MS: 5_000 } as const;

export interface EmbeddedOptions {
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
}

/** @throws CliError CONFIG_INVALID */
export const embeddedSettings = ({ host, port, data }: EmbeddedOptions): Settings =>
  readSettings({
    env: process.env,
    options: { HOST: host, PORT: port, COACHLOOP_DATA: data },
    defaults: EMBEDDED_DEFAULTS,
  }).values;

/** @throws CliError ARGUMENT_INVALID */
export function speedOf(text: string): number {
  const speed = Number(text);
  if (speed >= 1 && speed <= 5_000) return speed;
  throw new CliError('ARGUMENT_INVALID', `--speed must be a number from 1 to 5000; it is ${JSON.stringify(text)}.`);
}
