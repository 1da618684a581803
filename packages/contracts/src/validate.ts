/** Checks data against a schema: compiled once per schema, with the first error as a JSON pointer and a sentence. */
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

const compiled = new WeakMap<TSchema, Validator>();

export interface SchemaFault {
  /** JSON pointer into the data, e.g. `/transcript/segments/3/text`; '' is the whole. */
  readonly pointer: string;
  readonly message: string;
}

export function faultOf(schema: TSchema, data: unknown): SchemaFault | null {
  let validator = compiled.get(schema);
  if (!validator) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  if (validator.Check(data)) return null;
  const first = validator.Errors(data)[0];
  const params = first?.params as
    | { additionalProperties?: unknown; requiredProperties?: readonly string[]; allowedValues?: unknown }
    | undefined;
  const missing = params?.requiredProperties?.[0];
  const pointer = (first?.instancePath ?? '') + (missing === undefined ? '' : `/${missing}`);
  const allowed = first?.keyword === 'enum' ? `: ${JSON.stringify(params?.allowedValues ?? '')}` : '';
  return { pointer, message: missing === undefined ? `${first?.message ?? 'does not fit'}${allowed}` : 'is missing' };
}
