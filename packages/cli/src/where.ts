/** Where to listen and how fast, as options or the environment say. */
import { CliError } from './errors.ts';

export const hostOf = (given: string | undefined): string => given ?? process.env.HOST ?? '127.0.0.1';

/** @throws CliError ARGUMENT_INVALID */
export function portOf(given: string | undefined): number {
  const text = given ?? process.env.PORT ?? '8080';
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CliError('ARGUMENT_INVALID', `The port must be a number from 0 to 65535; it is ${JSON.stringify(text)}.`);
}

/** @throws CliError ARGUMENT_INVALID */
export function speedOf(text: string): number {
  const speed = Number(text);
  if (speed >= 1 && speed <= 5_000) return speed;
  throw new CliError('ARGUMENT_INVALID', `--speed must be a number from 1 to 5000; it is ${JSON.stringify(text)}.`);
}
