/** CloudEvents attributes as Kafka headers (binary content mode), for the AsyncAPI document. */
import { EXAMPLE_SOURCE } from './examples.ts';
import { TIME_PATTERN } from './schema.ts';

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

const common = {
  ce_specversion: { type: 'string', const: '1.0', description: 'Version of CloudEvents' },
  ce_id: text('Unique together with ce_source; the same again is a repetition', { minLength: 1, maxLength: 200 }),
  ce_source: text('Who says so', { minLength: 1, maxLength: 500 }),
  'content-type': text('application/json, with or without parameters', { pattern: '^application/json' }),
  traceparent: text('W3C trace context of what caused it', {
    pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
  }),
  ce_subject: text('What it is about, e.g. a case id', { maxLength: 500 }),
} as const;

const time = text('When it happened, RFC 3339', { format: 'date-time', pattern: TIME_PATTERN });

/** What our own events carry besides. */
const kernel = {
  ce_stream: text('What numbers the event: one source document, topic and key'),
  ce_seq: text('Number within the stream, rising; gaps are normal', { pattern: '^[0-9]+$' }),
  ce_born: text('When the source document was created, ms since the epoch', { pattern: '^[0-9]+$' }),
  ce_dataref: text('sha256:<hex> of a payload that travels by reference; then the value is null', { maxLength: 500 }),
} as const;

/** `own`: one of our services writes it, so that it carries time, stream, number and birth. */
export const headersSchema = (type: string, own: boolean): object => ({
  type: 'object',
  required: [
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    ...(own ? ['ce_time', 'ce_stream', 'ce_seq', 'ce_born', 'content-type'] : []),
  ],
  properties: {
    ...common,
    ce_type: { type: 'string', const: type, description: 'Event type' },
    ce_time: time,
    ...(own ? kernel : {}),
  },
});

/** `writer`: the service, or null for a foreign producer. */
export const headersExample = (type: string, writer: string | null): object => ({
  ce_specversion: '1.0',
  ce_id: writer ? '1b2f0e5c-8c3a-5d0e-9d3b-3a7f2c9e6b11' : 'evt-000017',
  ce_source: writer ?? EXAMPLE_SOURCE,
  ce_type: type,
  ce_time: '2026-05-04T09:36:20.000Z',
  'content-type': 'application/json',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ...(writer ? { ce_stream: 'fZ0qkP1w8d3mT5yB7nXcVa', ce_seq: '4', ce_born: '1777887000000' } : {}),
});
