/** `config`: every value that a process would start with, and where it came from. */
import { existsSync } from 'node:fs';
import { mayBeSecret, readSettings } from '../config/read.ts';
import { metaOf, SETTING_NAMES, type SettingName, type Settings } from '../config/settings.ts';
import { CliError } from '../errors.ts';
import { printJson, printTable } from '../output.ts';
import { userPath } from '../paths.ts';
import { PROCESSES } from '../processes.ts';

export interface ConfigOptions {
  readonly json?: boolean;
}

const HIDDEN = '(hidden)';

export function config(process: string | undefined, { json }: ConfigOptions): void {
  const { values, origins } = readSettings({ env: globalThis.process.env, defaults: defaultsOf(process) });
  const settings = SETTING_NAMES.map((name) => ({
    name,
    value: shown(name, values[name]) ?? null,
    from: origins[name],
  }));
  if (json) printJson({ settings });
  else
    printTable(
      ['NAME', 'VALUE', 'FROM'],
      settings.map(({ name, value, from }) => [name, value === null ? '–' : String(value), from]),
    );
}

type Value = Settings[SettingName];

/** A secret is not; nor what stands for the name of a file with one, unless it is that. */
export function shown(name: SettingName, value: Value): Value {
  if (value === undefined) return undefined;
  const isSecret = metaOf(name).secret || (mayBeSecret(name) && !existsSync(userPath(String(value))));
  return isSecret ? HIDDEN : value;
}

function defaultsOf(name: string | undefined) {
  if (name === undefined) return {};
  const place = PROCESSES.find((each) => each.name === name);
  if (place) return { PORT: place.port };
  const known = PROCESSES.map((each) => each.name).join(', ');
  throw new CliError('ARGUMENT_INVALID', `There is no service ${JSON.stringify(name)}; there are ${known}.`);
}
