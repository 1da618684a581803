/** `config`: every value that `up`, or the process of a service, would start with, and where it came from. */
import { existsSync } from 'node:fs';
import { needsOf } from '../config/needs.ts';
import { mayBeSecret, readSettings } from '../config/read.ts';
import { metaOf, SETTING_NAMES, type SettingName, type Settings } from '../config/settings.ts';
import { CliError } from '../errors.ts';
import { printJson, printTable, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { PROCESSES } from '../processes.ts';
import { EMBEDDED_DEFAULTS } from '../where.ts';

export interface ConfigOptions {
  readonly json?: boolean;
}

const HIDDEN = '(hidden)';

/** Where the process of a service would not start with them, they are printed all the same. @throws CliError CONFIG_INVALID, …; as `service` does */
export function config(process: string | undefined, { json }: ConfigOptions): void {
  const { values, origins } = readSettings({ env: globalThis.process.env, defaults: defaultsOf(process) });
  const settings = SETTING_NAMES.map((name) => ({
    name,
    value: shown(name, values[name]) ?? null,
    from: origins[name],
  }));
  const command = process === undefined ? 'up' : `service ${process}`;
  if (json) {
    printJson({ command, settings });
  } else {
    remark(
      `Of \`coachloop ${command}\`${process === undefined ? '; `coachloop config SERVICE` has those of a service' : ''}.`,
    );
    printTable(
      ['NAME', 'VALUE', 'FROM'],
      settings.map(({ name, value, from }) => [name, value === null ? unset(name, process) : String(value), from]),
    );
  }
  if (process !== undefined) needsOf(new Set([process]), values); // it would not start, and says why
}

/** What follows from a value that is not there, where the catalogue says so. */
function unset(name: SettingName, process: string | undefined): string {
  const { group, defaultText } = metaOf(name);
  if (defaultText === undefined || (group === 'embedded' && process !== undefined)) return '–';
  return `– (${defaultText.replaceAll('`', '')})`;
}

type Value = Settings[SettingName];

/** A secret is not; nor what stands for the name of a file with one, unless it is that. */
export function shown(name: SettingName, value: Value): Value {
  if (value === undefined) return undefined;
  const isSecret = metaOf(name).secret || (mayBeSecret(name) && !existsSync(userPath(String(value))));
  return isSecret ? HIDDEN : value;
}

function defaultsOf(name: string | undefined) {
  if (name === undefined) return EMBEDDED_DEFAULTS;
  const place = PROCESSES.find((each) => each.name === name);
  if (place) return { PORT: place.port };
  const known = PROCESSES.map((each) => each.name).join(', ');
  throw new CliError('ARGUMENT_INVALID', `There is no service ${JSON.stringify(name)}; there are ${known}.`);
}
