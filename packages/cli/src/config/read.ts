/** The settings of one process, from its options, its environment and the defaults; whatever is wrong is said at once, all of it. */
import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { CliError } from '../errors.ts';
import { userPath } from '../paths.ts';
import { nearest } from './nearest.ts';
import { FOREIGN_NAMES, metaOf, SETTING_NAMES, type SettingName, Settings } from './settings.ts';

export type Origin = 'default' | 'environment' | 'file' | 'option';

export interface ReadSettings {
  readonly values: Settings;
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

export interface ReadOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Texts of options, as given; they win. */
  readonly options?: Partial<Record<SettingName, string | undefined>>;
  /** Defaults of this command, where they are others than the schema's. */
  readonly defaults?: Partial<Settings>;
}

interface Given {
  readonly text: string;
  readonly origin: Origin;
}

/** @throws CliError CONFIG_INVALID */
export function readSettings({ env, options = {}, defaults = {} }: ReadOptions): ReadSettings {
  const problems = unknownNames(env);
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const name of SETTING_NAMES) {
    try {
      const given = givenFor(name, env, options[name]);
      origins[name] = given?.origin ?? 'default';
      const value = given === null ? (defaults[name] ?? metaOf(name).default) : parsed(name, given);
      if (value !== undefined) values[name] = value;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  problems.push(...contradictions(values));
  if (problems.length > 0) throw new CliError('CONFIG_INVALID', problems.join(' '));
  return { values: values as Settings, origins: origins as Record<SettingName, Origin> };
}

function givenFor(name: SettingName, env: NodeJS.ProcessEnv, option: string | undefined): Given | null {
  if (option !== undefined) return { text: option, origin: 'option' };
  const text = env[name]?.trim();
  const file = metaOf(name).secret ? env[`${name}_FILE`]?.trim() : undefined;
  if (text && file) throw new Error(`${name} and ${name}_FILE are both set; set one of them.`);
  if (text) return { text, origin: 'environment' };
  return file ? { text: contentOf(`${name}_FILE`, file), origin: 'file' } : null; // set to nothing is not set
}

/** Where the secret itself is easily put instead of the name of its file. */
export const mayBeSecret = (name: string): boolean => /_(FILE|KEY)$/.test(name);

/** Of a file that a variable names. Throws what is wrong, in words. */
export function contentOf(name: string, path: string): string {
  assertNoPem(name, path);
  try {
    return readFileSync(userPath(path), 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const which = mayBeSecret(name) ? 'names a file that' : `is ${path}, which`;
    throw new Error(`${name} ${which} cannot be read (${code}).`);
  }
}

/** No variable takes the text of a certificate or key, which is not to be quoted either. */
function assertNoPem(name: string, text: string): void {
  if (text.includes('-----BEGIN')) throw new Error(`${name} holds the key or certificate itself; name its file.`);
}

function parsed(name: SettingName, { text, origin }: Given): unknown {
  if (!metaOf(name).secret) assertNoPem(name, text);
  const schema = Settings.properties[name] as TSchema & { readonly type?: string };
  const value =
    TYPED[schema.type ?? '']?.(text) ??
    (metaOf(name).group === 'kafka' && 'enum' in schema ? text.toLowerCase() : text);
  if (Check(schema, value)) return value;
  const { secret, option } = metaOf(name);
  const called = origin === 'option' && option !== undefined ? `${option} (${name})` : name;
  throw new Error(`${called} is ${secret ? 'set to something' : JSON.stringify(text)}; it must be ${allowed(name)}.`);
}

const TYPED: Readonly<Record<string, (text: string) => unknown>> = {
  integer: (text) => (text.trim() === '' ? text : Number(text)),
  number: (text) => (text.trim() === '' ? text : Number(text)),
  boolean: (text) => ({ true: true, 1: true, false: false, 0: false })[text.toLowerCase()] ?? text,
};

/** What a variable takes, for people. */
export function allowed(name: SettingName): string {
  const schema = Settings.properties[name] as TSchema & {
    readonly type?: string;
    readonly enum?: readonly string[];
    readonly minimum?: number;
    readonly maximum?: number;
  };
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.minimum !== undefined)
    return `a ${schema.type === 'integer' ? 'whole ' : ''}number from ${schema.minimum} to ${schema.maximum}`;
  return metaOf(name).form ?? 'a text';
}

const OURS = /^(COACHLOOP|KAFKA|MONGODB)_/;
/** What Kubernetes sets for a service that happens to be called so. */
const LINKS = /_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Variables that look like ours and are none, each in words. */
export function unknownNames(env: NodeJS.ProcessEnv): string[] {
  const known = new Set([
    ...SETTING_NAMES,
    ...SETTING_NAMES.filter((name) => metaOf(name).secret).map((name) => `${name}_FILE`),
    ...FOREIGN_NAMES,
  ]);
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !known.has(name) && !LINKS.test(name))
    .map((name) => {
      const meant = nearest(name, [...known], OURS);
      return meant === null ? `${name} is unknown.` : `${name} is unknown; ${meant} may be meant.`;
    });
}

function contradictions(values: Partial<Settings>): string[] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: user, KAFKA_SASL_PASSWORD: password } = values;
  const found: string[] = [];
  const any = mechanism ?? user ?? password;
  if (any !== undefined && (mechanism === undefined || user === undefined || password === undefined))
    found.push(
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together; not all of them are set.',
    );
  const { KAFKA_REPLICATION_FACTOR: replicas, KAFKA_MIN_INSYNC_REPLICAS: minInsync } = values;
  if (replicas !== undefined && minInsync !== undefined && minInsync > replicas)
    found.push(
      `KAFKA_MIN_INSYNC_REPLICAS is ${minInsync} of KAFKA_REPLICATION_FACTOR ${replicas}: nothing could be written.`,
    );
  if ((values.KAFKA_SSL_CERT === undefined) !== (values.KAFKA_SSL_KEY === undefined))
    found.push('KAFKA_SSL_CERT and KAFKA_SSL_KEY go together.');
  if ((values.MONGODB_USERNAME === undefined) !== (values.MONGODB_PASSWORD === undefined))
    found.push('MONGODB_USERNAME and MONGODB_PASSWORD go together.');
  if (values.COACHLOOP_CLOCK_SPEED !== undefined && values.COACHLOOP_CLOCK_SPEED !== 1 && !values.COACHLOOP_CLOCK_START)
    found.push('COACHLOOP_CLOCK_SPEED needs COACHLOOP_CLOCK_START, the same for all processes.');
  return found;
}
