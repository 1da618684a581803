/** The few building blocks that every schema is made of, so that bounds are stated once. */
import { type TSchema, Type } from 'typebox';

export const BOUNDS = {
  id_chars_max: 200,
  label_chars_max: 200,
  text_chars_max: 20_000,
  segments_max: 5_000,
  evidence_max: 20,
  questions_max: 200,
  window_calls_max: 50,
  /** Events at or before this are a clock error, not history. 2000-01-01. */
  time_ms_min: 946_684_800_000,
  /** How far ahead of our clock an event's time may be. */
  future_ms_max: 24 * 3_600_000,
} as const;

const CLOSED_LATER = { additionalProperties: true } as const;

/** An object of ours. Unknown fields are allowed and kept: changes are additive, and old readers meet new events. */
export const Shape = <P extends Record<string, TSchema>>(properties: P, description?: string) =>
  Type.Object(properties, description === undefined ? CLOSED_LATER : { ...CLOSED_LATER, description });

export const Id = (description: string) => Type.String({ minLength: 1, maxLength: BOUNDS.id_chars_max, description });
export const Uuid = (description: string) =>
  Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', description });
export const Label = (description: string) => Type.String({ maxLength: BOUNDS.label_chars_max, description });
export const Text = (description: string) => Type.String({ maxLength: BOUNDS.text_chars_max, description });
/** What every reader of RFC 3339 can read: no leap seconds, no `[Europe/Paris]`, both of which checkers of the format may let through. */
export const TIME_PATTERN = '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:[0-5]\\d(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$';
export const Time = (description: string) =>
  Type.String({ format: 'date-time', pattern: TIME_PATTERN, maxLength: 40, description });
export const Count = (description: string, maximum = 1_000_000_000) =>
  Type.Integer({ minimum: 0, maximum, description });
/** Seconds as a decimal number, at most a week. */
export const Seconds = (description: string) => Type.Number({ minimum: 0, maximum: 604_800, description });
/** Milliseconds from the start of the call, at most a week. */
export const CallMs = (description: string) => Type.Integer({ minimum: 0, maximum: 604_800_000, description });
/** 0 to 100. */
export const Score = (description: string) => Type.Number({ minimum: 0, maximum: 100, description });
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const maybe = Type.Optional;
export const Flag = (description: string) => Type.Boolean({ description });
export const Language = Type.String({
  pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$',
  maxLength: 35,
  description: 'BCP 47, e.g. en, en-GB, zh-CN',
});
export const Channel = Type.Enum(['voice', 'chat', 'mail', 'other']);
export const Direction = Type.Enum(['inbound', 'outbound', 'internal']);
