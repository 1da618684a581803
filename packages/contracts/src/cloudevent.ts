/** CloudEvents 1.0: our envelope, in memory, as Kafka-style binary headers, and as structured JSON. */
import { type Static, Type } from 'typebox';

export const CloudEventSchema = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({ minLength: 1, maxLength: 200 }),
    source: Type.String({ minLength: 1, maxLength: 500 }),
    type: Type.String({ minLength: 1, maxLength: 100 }),
    time: Type.Optional(Type.String({ format: 'date-time', maxLength: 40 })),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    datacontenttype: Type.Optional(Type.String({ maxLength: 100 })),
    dataschema: Type.Optional(Type.String({ maxLength: 500 })),
    dataref: Type.Optional(Type.String({ maxLength: 500 })),
    data: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: true },
);
export type CloudEventJson = Static<typeof CloudEventSchema>;

/** An event as our services pass it around. Times are ms; `stream`, `seq` and `born` are the kernel's (see the runtime). */
export interface CloudEvent<Data = unknown> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: number;
  readonly subject?: string;
  readonly key: string;
  readonly stream: string;
  readonly seq: number;
  readonly born: number;
  readonly traceparent?: string;
  /** `sha256:<hex>` of the payload, when it travels by reference. */
  readonly dataref?: string;
  readonly data: Data;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const CONTENT_TYPE = encoder.encode('application/json');
const SPECVERSION = encoder.encode('1.0');

/** The binary content mode of the Kafka binding: attributes as `ce_*` headers, `content-type`, and `traceparent` as it is. */
export function toHeaders(event: CloudEvent): Record<string, Uint8Array> {
  const headers: Record<string, Uint8Array> = {
    ce_specversion: SPECVERSION,
    ce_id: encoder.encode(event.id),
    ce_source: encoder.encode(event.source),
    ce_type: encoder.encode(event.type),
    ce_time: encoder.encode(new Date(event.time).toISOString()),
    ce_stream: encoder.encode(event.stream),
    ce_seq: encoder.encode(String(event.seq)),
    ce_born: encoder.encode(String(event.born)),
    'content-type': CONTENT_TYPE,
  };
  if (event.subject !== undefined) headers.ce_subject = encoder.encode(event.subject);
  if (event.dataref !== undefined) headers.ce_dataref = encoder.encode(event.dataref);
  if (event.traceparent !== undefined) headers.traceparent = encoder.encode(event.traceparent);
  return headers;
}

export const headerText = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : decoder.decode(value);

/** An event as subscribers get it over HTTP: structured JSON, the same attributes as on Kafka. */
export function toStructured(event: CloudEvent): CloudEventJson & Record<string, unknown> {
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: new Date(event.time).toISOString(),
    ...(event.subject === undefined ? {} : { subject: event.subject }),
    datacontenttype: 'application/json',
    stream: event.stream,
    seq: event.seq,
    born: String(event.born),
    partitionkey: event.key,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(event.dataref === undefined ? {} : { dataref: event.dataref }),
    data: event.data,
  };
}
