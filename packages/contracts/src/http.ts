/** CloudEvents over HTTP (HTTP protocol binding 1.0): binary, structured and batched content mode. */
import { type ContractErrorCode, type EventFault, eventFault } from './errors.ts';
import {
  type Attributes,
  decodeJson,
  EVENT_BOUNDS,
  eventOfAttributes,
  eventOfJson,
  isUtf8,
  mediaTypeOf,
  type Parsed,
  withData,
} from './event-json.ts';
import { pointerStep } from './json-bounds.ts';

export interface HttpMessage {
  /** As Node gives them; names in any case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came, not parsed. */
  readonly body: Uint8Array | string;
  /** Absent: the header `content-type`. */
  readonly contentType?: string | undefined;
}

/** Place in the batch, from 0. What is wrong with the request as a whole is one fault at 0. */
export type ParsedItem = { readonly index: number } & Parsed;

/**
 * The events of a request, each with its own outcome; never throws. An empty batch gives an empty list.
 * The time is checked for its form here, and for its range by `eventTimeOf`.
 */
export function parseHttpEvents(message: HttpMessage): readonly ParsedItem[] {
  const contentType = message.contentType ?? headerOf(message, 'content-type') ?? '';
  const bytes = typeof message.body === 'string' ? Buffer.byteLength(message.body) : message.body.byteLength;
  if (bytes > EVENT_BOUNDS.body_bytes_max)
    return whole('EVENT_BODY_TOO_LARGE', `has ${bytes} bytes; ${EVENT_BOUNDS.body_bytes_max} are allowed`);
  const { type, charset } = mediaTypeOf(contentType);
  if (!type.startsWith('application/cloudevents')) return [{ index: 0, ...parseBinary(message, contentType) }];
  if (!isUtf8(charset)) return whole('EVENT_CONTENT_TYPE_UNSUPPORTED', 'must be UTF-8, as its charset is not');
  if (type === 'application/cloudevents+json') return [{ index: 0, ...parseStructured(message.body) }];
  if (type === 'application/cloudevents-batch+json') return parseBatch(message.body);
  return whole('EVENT_CONTENT_TYPE_UNSUPPORTED', 'comes in an event format other than JSON');
}

const whole = (code: ContractErrorCode, text: string): readonly ParsedItem[] => [
  { index: 0, fault: eventFault(code, '', text) },
];

/** One event in the JSON event format; also Kafka's structured mode. */
export function parseStructured(body: Uint8Array | string): Parsed {
  const json = decodeJson(body, EVENT_BOUNDS.depth_max);
  return 'fault' in json ? json : eventOfJson(json.value);
}

function parseBatch(body: Uint8Array | string): readonly ParsedItem[] {
  const json = decodeJson(body, EVENT_BOUNDS.depth_max + 1);
  if ('fault' in json) return [{ index: 0, fault: json.fault }];
  const { value } = json;
  if (!Array.isArray(value)) return whole('EVENT_BATCH_NOT_ARRAY', 'is not an array');
  if (value.length > EVENT_BOUNDS.batch_events_max)
    return whole('EVENT_BATCH_TOO_LARGE', `has ${value.length} events; ${EVENT_BOUNDS.batch_events_max} are allowed`);
  return value.map((item, index) => ({ index, ...eventOfJson(item) }));
}

function parseBinary(message: HttpMessage, contentType: string): Parsed {
  const attributes = attributesOfHeaders(message.headers);
  if ('fault' in attributes) return attributes;
  if (Object.keys(attributes.found).length === 0)
    return {
      fault: eventFault(
        'EVENT_CONTENT_TYPE_UNSUPPORTED',
        '',
        'has neither the content type of CloudEvents nor ce- headers',
      ),
    };
  if (contentType !== '') attributes.found.datacontenttype = contentType;
  return eventWithBody(attributes.found, message.body);
}

/** Binary mode of either binding: attributes apart, the body is the data; an empty body is no data. */
export function eventWithBody(attributes: Attributes, body: Uint8Array | string | null): Parsed {
  // What the headers say comes first: a body of another kind would only be called broken JSON.
  const parsed = eventOfAttributes(attributes);
  if ('fault' in parsed || body === null || body.length === 0) return parsed;
  const json = decodeJson(body, EVENT_BOUNDS.depth_max - 1, '/data');
  return 'fault' in json ? json : withData(parsed.event, json.value);
}

type FoundAttributes = { readonly found: Attributes } | { readonly fault: EventFault };

function attributesOfHeaders(headers: HttpMessage['headers']): FoundAttributes {
  const found: Attributes = Object.create(null); // header names are anybody's: `ce-constructor` is one
  for (const [header, raw] of Object.entries(headers)) {
    const lower = header.toLowerCase();
    if (!lower.startsWith('ce-') || raw === undefined) continue;
    const name = lower.slice('ce-'.length);
    const bad = (why: string) => ({ fault: eventFault('EVENT_HEADER_INVALID', pointerStep(name), why) });
    if (typeof raw !== 'string' || name in found) return bad('came more than once');
    // Section 3.1.1: the content type is the header of HTTP, and only that.
    if (name === 'datacontenttype') return bad('must be sent as Content-Type');
    const value = decodeHeader(raw);
    if (value === null) return bad('is not percent-encoded UTF-8');
    found[name] = value;
  }
  return { found };
}

/**
 * Section 3.1.3.2: quoted strings are unescaped, then percent-decoded once. Null: invalid UTF-8, a bare `%`, or bytes that
 * nobody encoded, which Node would read as Latin-1.
 */
export function decodeHeader(raw: string): string | null {
  if (!/^[\t\x20-\x7e]*$/.test(raw)) return null;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(raw);
  const text = quoted ? (quoted[1] ?? '').replace(/\\(.)/g, '$1') : raw;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function headerOf(message: HttpMessage, name: string): string | undefined {
  for (const [header, value] of Object.entries(message.headers))
    if (header.toLowerCase() === name) return typeof value === 'string' ? value : value?.[0];
  return undefined;
}
