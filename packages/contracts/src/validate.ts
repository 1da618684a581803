/** Checks data against a schema: compiled once per schema, with the first error as a JSON pointer and a sentence. */
import { type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { pointerStep } from './json-bounds.ts';
import { TIME_PATTERN } from './schema.ts';

const compiled = new WeakMap<TSchema, Validator>();

export interface SchemaFault {
  /** JSON pointer into the data, e.g. `/transcript/segments/3/text`; '' is the whole. */
  readonly pointer: string;
  readonly message: string;
}

/** Null: it fits. The pointer of a missing field names that field. */
export function faultOf(schema: TSchema, data: unknown): SchemaFault | null {
  return validatorOf(schema).Check(data) ? null : locate(schema, data, '');
}

function validatorOf(schema: TSchema): Validator {
  let validator = compiled.get(schema);
  if (!validator) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  return validator;
}

/**
 * Goes down to the first part that does not fit, with the compiled checks, and asks for errors only there: asking at the top
 * takes milliseconds for a transcript, which a stranger could send a thousand times in a batch.
 */
function locate(schema: TSchema, data: unknown, pointer: string): SchemaFault {
  const part = misfitOf(schema, data);
  if (part) return locate(part.schema, part.data, pointer + part.step);
  const error = validatorOf(schema).Errors(data)[0];
  if (!error) return { pointer, message: 'does not fit' };
  const at = pointer + error.instancePath;
  if (error.keyword !== 'required') return { pointer: at, message: messageOf(error) };
  return { pointer: at + pointerStep(error.params.requiredProperties[0] ?? ''), message: 'is missing' };
}

interface Misfit {
  readonly schema: TSchema;
  readonly data: unknown;
  readonly step: string;
}

/** The part of `data` that is to blame; null: it is `data` itself. */
function misfitOf(schema: TSchema, data: unknown): Misfit | null {
  if (data === null || typeof data !== 'object') return null;
  if (Type.IsUnion(schema)) {
    const [only, ...others] = schema.anyOf.filter((one) => !Type.IsNull(one));
    return only && others.length === 0 ? { schema: only, data, step: '' } : null;
  }
  if (Type.IsArray(schema)) return Array.isArray(data) ? misfitOfList(schema.items, data) : null;
  if (!Type.IsObject(schema) || Array.isArray(data)) return null;
  const fields = new Map<string, unknown>(Object.entries(data));
  if (schema.required?.some((name) => !fields.has(name))) return null;
  for (const [name, sub] of Object.entries(schema.properties)) {
    const value = fields.get(name);
    if (value !== undefined && !validatorOf(sub).Check(value))
      return { schema: sub, data: value, step: pointerStep(name) };
  }
  return null;
}

function misfitOfList(items: TSchema, list: readonly unknown[]): Misfit | null {
  const validator = validatorOf(items);
  const index = list.findIndex((item) => !validator.Check(item));
  return index < 0 ? null : { schema: items, data: list[index], step: pointerStep(index) };
}

type SchemaError = ReturnType<Validator['Errors']>[number];

function messageOf(error: SchemaError): string {
  if (error.keyword === 'enum')
    return `must be one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  if (error.keyword === 'format' || (error.keyword === 'pattern' && String(error.params.pattern) === TIME_PATTERN))
    return 'must be a date and time with its zone, e.g. 2026-05-04T09:30:00Z';
  return error.message;
}
