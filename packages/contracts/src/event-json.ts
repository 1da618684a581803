/** Checks an event that came from outside, in the shape of the JSON event format, whatever mode it travelled in. */
import { type CloudEventJson, CloudEventSchema } from './cloudevent.ts';
import { type ContractErrorCode, type EventFault, eventFault } from './errors.ts';
import { isDeeperThan, pointerStep, valueFaultOf } from './json-bounds.ts';
import { notATime, parseTime } from './time.ts';
import { faultOf } from './validate.ts';

/** Bounds of what is parsed at all; `depth_max` counts objects and lists, the event itself included. */
export const EVENT_BOUNDS = {
  body_bytes_max: 16 * 1024 * 1024,
  batch_events_max: 1_000,
  depth_max: 64,
  attributes_max: 64,
  extension_chars_max: 2_048,
} as const;

export type Parsed = { readonly event: CloudEventJson } | { readonly fault: EventFault };
export type Decoded = { readonly value: unknown } | { readonly fault: EventFault };

/** Attributes as text (headers), or as JSON has them. */
export type Attributes = Record<string, unknown>;

const fault = (code: ContractErrorCode, pointer: string, message: string): { fault: EventFault } => ({
  fault: eventFault(code, pointer, message),
});

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes or text → JSON, bounded. `levels`: how deep it may be nested. */
export function decodeJson(body: Uint8Array | string, levels: number, pointer = ''): Decoded {
  let text: string;
  try {
    text = typeof body === 'string' ? body : utf8.decode(body);
  } catch {
    return fault('EVENT_BODY_NOT_UTF8', pointer, 'is not UTF-8');
  }
  if (isDeeperThan(text, levels))
    return fault('EVENT_BODY_TOO_DEEP', pointer, `is nested deeper than ${levels} levels`);
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return fault('EVENT_BODY_NOT_JSON', pointer, `is not JSON: ${placeOf(String(error))}`);
  }
}

/** The parser quotes what stands around the mistake; that may be somebody's words, and messages are logged. */
function placeOf(message: string): string {
  if (message.includes('Unexpected end')) return 'it breaks off';
  const place = / at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0] ?? '';
  const token = /Unexpected token '(.)'/su.exec(message)?.[1];
  return `${token === undefined ? 'a mistake' : `unexpected ${JSON.stringify(token)}`}${place}`;
}

/** `application/json`, `text/json`, `application/*+json`, with any parameters but a charset other than UTF-8. */
export function isJsonType(contentType: string): boolean {
  const { type, charset } = mediaTypeOf(contentType);
  return (type === 'application/json' || type === 'text/json' || /^[^/]+\/[^/]+\+json$/.test(type)) && isUtf8(charset);
}

export const isUtf8 = (charset: string | undefined): boolean =>
  charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii';

/** Media type and charset, both in lower case. */
export function mediaTypeOf(contentType: string): { readonly type: string; readonly charset: string | undefined } {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((p) => p.startsWith('charset='))?.slice('charset='.length);
  return { type, charset: charset?.replace(/^"(.*)"$/, '$1') };
}

/** A JSON value as an event in the JSON event format (CloudEvents 1.0, JSON format 3). Never throws. */
export function eventOfJson(value: unknown): Parsed {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return fault('EVENT_NOT_OBJECT', '', 'must be an object');
  const { data_base64: base64, data, ...attributes } = value as Attributes;
  const parsed = eventOfAttributes(attributes);
  if ('fault' in parsed) return parsed;
  if (base64 === undefined || base64 === null) return data === undefined ? parsed : withData(parsed.event, data);
  if (data !== undefined) return fault('EVENT_DATA_TWICE', '/data_base64', 'stands beside data; send one of the two');
  if (typeof base64 !== 'string' || !isBase64(base64))
    return fault('EVENT_DATA_UNREADABLE', '/data_base64', 'is not Base64');
  const decoded = decodeJson(Buffer.from(base64, 'base64'), EVENT_BOUNDS.depth_max - 1, '/data_base64');
  if (!('fault' in decoded)) return withData(parsed.event, decoded.value);
  const { code, message } = decoded.fault;
  return code === 'EVENT_BODY_TOO_DEEP' ? decoded : fault('EVENT_DATA_UNREADABLE', '/data_base64', message);
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** The event with its data, unless that holds something that cannot be kept. */
export function withData(event: CloudEventJson, data: unknown): Parsed {
  const wrong = valueFaultOf(data, '/data', EVENT_BOUNDS.depth_max);
  return wrong ? { fault: wrong } : { event: { ...event, data } };
}

/** Attributes → an event without data, or the first thing that is wrong with them. */
export function eventOfAttributes(attributes: Attributes): Parsed {
  const names = Object.keys(attributes);
  const { attributes_max } = EVENT_BOUNDS;
  if (names.length > attributes_max)
    return fault('EVENT_ATTRIBUTES_TOO_MANY', '', `has ${names.length} attributes; ${attributes_max} are allowed`);
  const event: Attributes = {};
  for (const name of names) {
    const value = attributes[name];
    if (value === null || value === undefined) continue; // JSON format 2.2: null is the same as absent
    const wrong = attributeFaultOf(name, value);
    if (wrong) return { fault: wrong };
    event[name] = value;
  }
  const wrong = shapeFaultOf(event);
  // CloudEventSchema was just checked; its type says no more than that.
  return wrong ? { fault: wrong } : { event: event as CloudEventJson };
}

/** CloudEvents 1.0, sections 2.1 and 2.2: names, types, and characters that no text may hold. */
function attributeFaultOf(name: string, value: unknown): EventFault | null {
  const wrong = (code: ContractErrorCode, why: string) =>
    eventFault(code, pointerStep(name.slice(0, 60).toWellFormed()), why);
  if (!/^[a-z0-9]+$/.test(name) || name === 'data')
    return wrong('EVENT_ATTRIBUTE_NAME_INVALID', 'is no name of an attribute: lower-case letters and digits');
  const bad = (why: string) => wrong('EVENT_ATTRIBUTE_INVALID', why);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? null : bad('must be a whole number');
  if (typeof value === 'boolean') return null;
  if (typeof value !== 'string') return bad('must be a text, a whole number or a boolean');
  if (value.length > EVENT_BOUNDS.extension_chars_max)
    return bad(`must not have more than ${EVENT_BOUNDS.extension_chars_max} characters`);
  if (PRINTABLE_ASCII.test(value)) return null;
  return FORBIDDEN.test(value) || !value.isWellFormed() ? bad('has control characters or half a surrogate pair') : null;
}

/** Nearly every attribute; the other test is dearer. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Controls; and what Unicode never assigns (noncharacters). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the specification forbids
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef]|\p{Noncharacter_Code_Point}/u;

function shapeFaultOf(event: Attributes): EventFault | null {
  if (event.specversion !== '1.0')
    return event.specversion === undefined
      ? eventFault('EVENT_ATTRIBUTE_MISSING', '/specversion', 'is missing')
      : eventFault('EVENT_SPECVERSION_UNKNOWN', '/specversion', 'is not "1.0"');
  for (const name of ['id', 'source', 'type'])
    if (event[name] === undefined) return eventFault('EVENT_ATTRIBUTE_MISSING', `/${name}`, 'is missing');
  const { time, datacontenttype } = event;
  if (typeof time === 'string' && parseTime(time) === null) return notATime(time);
  if (typeof datacontenttype === 'string' && !isJsonType(datacontenttype))
    return eventFault('EVENT_DATA_TYPE_UNSUPPORTED', '/datacontenttype', 'is not JSON');
  const wrong = faultOf(CloudEventSchema, event);
  return wrong ? eventFault('EVENT_ATTRIBUTE_INVALID', wrong.pointer, wrong.message) : null;
}
