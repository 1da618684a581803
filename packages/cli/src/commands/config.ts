/** `config`: every value that a process would start with, and where it came from. */
import { readSettings } from '../config/read.ts';
import { metaOf, SETTING_NAMES, type SettingName } from '../config/settings.ts';
import { CliError } from '../errors.ts';
import { printJson, printTable } from '../output.ts';
import { PROCESSES } from '../processes.ts';

export interface ConfigOptions {
  readonly json?: boolean;
}

const HIDDEN = '(hidden)';

export function config(process: string | undefined, { json }: ConfigOptions): void {
  const { values, origins } = readSettings({ env: globalThis.process.env, defaults: defaultsOf(process) });
  const shown = (name: SettingName) => {
    const value = values[name];
    return value !== undefined && metaOf(name).secret ? HIDDEN : value;
  };
  const settings = SETTING_NAMES.map((name) => ({ name, value: shown(name) ?? null, from: origins[name] }));
  if (json) printJson({ settings });
  else
    printTable(
      ['NAME', 'VALUE', 'FROM'],
      settings.map(({ name, value, from }) => [name, value === null ? '–' : String(value), from]),
    );
}

function defaultsOf(name: string | undefined) {
  if (name === undefined) return {};
  const place = PROCESSES.find((each) => each.name === name);
  if (place) return { PORT: place.port };
  const known = PROCESSES.map((each) => each.name).join(', ');
  throw new CliError('ARGUMENT_INVALID', `There is no service ${JSON.stringify(name)}; there are ${known}.`);
}
