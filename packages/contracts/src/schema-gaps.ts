/** Compares JSON schemas of the kind that our contracts are made of. What it does not know, it reports rather than trusts. */
import { pointerStep } from './json-bounds.ts';
import type { JsonSchema } from './json-schema.ts';

export interface Gap {
  /** Place in the data: `/transcript/segments/<item>/text`. */
  readonly pointer: string;
  /** JSON Schema keyword that is to blame. */
  readonly keyword: string;
  readonly message: string;
}

type Keywords = Readonly<Record<string, unknown>>;

const keywordsOf = (schema: unknown): Keywords =>
  schema !== null && typeof schema === 'object' && !Array.isArray(schema) ? (schema as Keywords) : {};

/** Words for people; they bind nobody. */
const ANNOTATIONS = ['description', 'title', 'examples', 'default', '$comment'];
/** Upper and lower bounds: a value of `inner` is within `outer` if its bound is as tight. */
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
/** Either the same in both, or `outer` does not ask for it. */
const EXACT = ['pattern', 'format', 'const', 'multipleOf', 'uniqueItems', 'contentEncoding'];
const HANDLED = new Set([
  ...ANNOTATIONS,
  ...UPPER,
  ...LOWER,
  ...EXACT,
  ...['type', 'enum', 'anyOf', 'items', 'properties', 'required', 'patternProperties', 'additionalProperties'],
]);

/**
 * Reasons why a value that is valid under `inner` may be invalid under `outer`; empty: never. A property that only one of them
 * names is no reason unless it is required: objects are open, and readers ignore what they do not know.
 */
export function schemaGaps(inner: JsonSchema, outer: JsonSchema, pointer = ''): readonly Gap[] {
  if (outer === true || inner === false || JSON.stringify(inner) === JSON.stringify(outer)) return [];
  const [a, b] = [keywordsOf(inner), keywordsOf(outer)];
  const gap = (keyword: string, message: string): Gap => ({ pointer, keyword, message });
  if (outer === false) return [gap('false', 'nothing is allowed')];
  const unknown = [...Object.keys(a), ...Object.keys(b)].find((keyword) => !HANDLED.has(keyword));
  if (unknown !== undefined) return [gap(unknown, `${unknown} cannot be compared; keep it as it was`)];
  if (Array.isArray(a.anyOf)) return a.anyOf.flatMap((one: JsonSchema) => schemaGaps(one, outer, pointer));
  if (Array.isArray(b.anyOf)) return fewest(b.anyOf.map((one: JsonSchema) => schemaGaps(inner, one, pointer)));
  return [
    ...typeGaps(a, b, gap),
    ...enumGaps(a, b, gap),
    ...boundGaps(a, b, gap),
    ...EXACT.filter((keyword) => b[keyword] !== undefined && a[keyword] !== b[keyword]).map((keyword) =>
      gap(keyword, `${keyword} ${shown(a[keyword])} against ${shown(b[keyword])}`),
    ),
    ...itemGaps(a, b, pointer),
    ...objectGaps(a, b, pointer),
  ];
}

type MakeGap = (keyword: string, message: string) => Gap;

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

const fewest = (lists: readonly (readonly Gap[])[]): readonly Gap[] =>
  lists.reduce((best, list) => (list.length < best.length ? list : best));

const typesOf = (schema: Keywords): readonly unknown[] | null =>
  schema.type === undefined ? null : Array.isArray(schema.type) ? schema.type : [schema.type];

function typeGaps(a: Keywords, b: Keywords, gap: MakeGap): readonly Gap[] {
  const outer = typesOf(b);
  if (outer === null) return [];
  const inner = typesOf(a) ?? valuesOf(a)?.map(typeOfValue) ?? [undefined];
  return inner.every((type) => outer.includes(type) || (type === 'integer' && outer.includes('number')))
    ? []
    : [gap('type', `type ${shown(a.type)} against ${shown(b.type)}`)];
}

const valuesOf = (schema: Keywords): readonly unknown[] | null =>
  Array.isArray(schema.enum) ? schema.enum : schema.const === undefined ? null : [schema.const];

const typeOfValue = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

function enumGaps(a: Keywords, b: Keywords, gap: MakeGap): readonly Gap[] {
  if (!Array.isArray(b.enum)) return [];
  const allowed = new Set(b.enum.map((value) => JSON.stringify(value)));
  const values = valuesOf(a);
  if (values === null) return [gap('enum', `anything against ${shown(b.enum)}`)];
  const extra = values.filter((value) => !allowed.has(JSON.stringify(value)));
  return extra.length === 0 ? [] : [gap('enum', `${extra.map(shown).join(', ')} not among ${shown(b.enum)}`)];
}

function boundGaps(a: Keywords, b: Keywords, gap: MakeGap): readonly Gap[] {
  const beyond = (keyword: string, sign: 1 | -1): readonly Gap[] => {
    const [inner, outer] = [a[keyword], b[keyword]];
    if (typeof outer !== 'number') return [];
    if (typeof inner === 'number' && inner * sign <= outer * sign) return [];
    return [gap(keyword, `${keyword} ${shown(inner)} against ${shown(outer)}`)];
  };
  return [...UPPER.flatMap((keyword) => beyond(keyword, 1)), ...LOWER.flatMap((keyword) => beyond(keyword, -1))];
}

const asSchema = (value: unknown): JsonSchema => (value === undefined ? true : (value as JsonSchema));

const itemGaps = (a: Keywords, b: Keywords, pointer: string): readonly Gap[] =>
  b.items === undefined ? [] : schemaGaps(asSchema(a.items), asSchema(b.items), `${pointer}/<item>`);

function objectGaps(a: Keywords, b: Keywords, pointer: string): readonly Gap[] {
  const [inner, outer] = [keywordsOf(a.properties), keywordsOf(b.properties)];
  const always = Array.isArray(a.required) ? a.required : [];
  const required = (Array.isArray(b.required) ? b.required : [])
    .filter((name) => !always.includes(name))
    .map((name) => ({
      pointer: pointer + pointerStep(name),
      keyword: 'required',
      message: 'may be absent, against required',
    }));
  const shared = Object.keys(outer)
    .filter((name) => Object.hasOwn(inner, name))
    .flatMap((name) => schemaGaps(asSchema(inner[name]), asSchema(outer[name]), pointer + pointerStep(name)));
  return [...required, ...shared, ...recordGaps(a, b, pointer)];
}

/** Records, and objects that are closed. */
function recordGaps(a: Keywords, b: Keywords, pointer: string): readonly Gap[] {
  const [inner, outer] = [keywordsOf(a.patternProperties), keywordsOf(b.patternProperties)];
  const records = Object.keys(outer).flatMap((pattern) =>
    schemaGaps(asSchema(inner[pattern]), asSchema(outer[pattern]), `${pointer}/<name>`),
  );
  const others = schemaGaps(asSchema(a.additionalProperties), asSchema(b.additionalProperties), `${pointer}/<other>`);
  return [...records, ...others];
}

/** Pointers of the properties that `before` names and `after` does not, at any depth. */
export function removedProperties(before: JsonSchema, after: JsonSchema, pointer = ''): readonly string[] {
  const [a, b] = [keywordsOf(before), keywordsOf(after)];
  if (Array.isArray(a.anyOf) || Array.isArray(b.anyOf)) {
    const [olds, news] = [alternatives(before), alternatives(after)];
    return olds.flatMap((old) =>
      news.map((one) => removedProperties(old, one, pointer)).reduce((x, y) => (y.length < x.length ? y : x)),
    );
  }
  const [old, now] = [keywordsOf(a.properties), keywordsOf(b.properties)];
  const here = Object.keys(old).flatMap((name) => {
    const at = pointer + pointerStep(name);
    return Object.hasOwn(now, name) ? removedProperties(asSchema(old[name]), asSchema(now[name]), at) : [at];
  });
  const items =
    a.items === undefined ? [] : removedProperties(asSchema(a.items), asSchema(b.items), `${pointer}/<item>`);
  const [records, recordsNow] = [keywordsOf(a.patternProperties), keywordsOf(b.patternProperties)];
  const named = Object.keys(records).flatMap((pattern) =>
    removedProperties(asSchema(records[pattern]), asSchema(recordsNow[pattern]), `${pointer}/<name>`),
  );
  return [...here, ...items, ...named];
}

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => {
  const { anyOf } = keywordsOf(schema);
  return Array.isArray(anyOf) ? (anyOf as readonly JsonSchema[]) : [schema];
};
