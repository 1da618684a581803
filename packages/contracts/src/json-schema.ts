/** TypeBox schemas as plain JSON Schema, with what several of them share written once. */
import type { TSchema } from 'typebox';
import { CallRecord, CallStage, Segment, Transcript } from './call.ts';
import { Interval, Sample } from './evaluation.ts';
import { Answer, CompetencyScore, Evidence } from './qa.ts';
import { Channel, Direction } from './schema.ts';
import { CaseStage, Course, TriggerCall, TriggerRule } from './training.ts';

export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Shared schemas by the name that documents give them. */
const SHARED: Readonly<Record<string, TSchema>> = {
  Answer,
  CallRecord,
  CallStage,
  CaseStage,
  Channel,
  CompetencyScore,
  Course,
  Direction,
  Evidence,
  Interval,
  Sample,
  Segment,
  Transcript,
  TriggerCall,
  TriggerRule,
};

/** TypeBox keeps its own marks in properties that are not enumerable: written as JSON, a schema is JSON Schema. */
export const toJsonSchema = (schema: TSchema): JsonSchema => JSON.parse(JSON.stringify(schema)) as JsonSchema;

/** By content, because `Type.Optional` copies what it wraps. */
const sharedByText: ReadonlyMap<string, string> = new Map(
  Object.entries(SHARED).map(([name, schema]) => [JSON.stringify(schema), name]),
);

/** The schema with references to `#/components/schemas/<name>` in place of the shared schemas within it. */
export const withReferences = (schema: TSchema): JsonSchema => referWithin(toJsonSchema(schema)) as JsonSchema;

function referWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, refer(part)]));
}

function refer(value: unknown): unknown {
  const name = value !== null && typeof value === 'object' ? sharedByText.get(JSON.stringify(value)) : undefined;
  return name === undefined ? referWithin(value) : { $ref: `#/components/schemas/${name}` };
}

export const sharedSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(Object.entries(SHARED).map(([name, schema]) => [name, withReferences(schema)]));
