/** Checks data against a schema: compiled once per schema, with the first error as a JSON pointer and a sentence. */
import type { TSchema } from 'typebox';
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
  let validator = compiled.get(schema);
  if (!validator) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  if (validator.Check(data)) return null;
  const first = validator.Errors(data)[0];
  if (!first) return { pointer: '', message: 'does not fit' };
  if (first.keyword !== 'required') return { pointer: first.instancePath, message: messageOf(first) };
  const missing = first.params.requiredProperties[0] ?? '';
  return { pointer: first.instancePath + pointerStep(missing), message: 'is missing' };
}

type SchemaError = ReturnType<Validator['Errors']>[number];

function messageOf(error: SchemaError): string {
  if (error.keyword === 'enum')
    return `must be one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  if (error.keyword === 'format' || (error.keyword === 'pattern' && String(error.params.pattern) === TIME_PATTERN))
    return 'must be a date and time with its zone, e.g. 2026-05-04T09:30:00Z';
  return error.message;
}
