/** CloudEvents over Kafka (Kafka protocol binding 1.0): binary and structured content mode. */
import { headerText } from './cloudevent.ts';
import { type EventFault, eventFault } from './errors.ts';
import { type Attributes, isUtf8, mediaTypeOf, type Parsed } from './event-json.ts';
import { eventWithBody, parseStructured } from './http.ts';
import { pointerStep } from './json-bounds.ts';

/**
 * A record's headers and value → the event, whoever produced it. `stream`, `seq` and `born` come as extensions, texts as in the
 * headers. `traceparent` may come bare, as tracing libraries write it, or as `ce_traceparent`. Never throws.
 */
export function fromHeaders(
  headers: Readonly<Record<string, Uint8Array | undefined>>,
  value: Uint8Array | null,
): Parsed {
  const read = readHeaders(headers);
  if ('fault' in read) return read;
  const { type, charset } = mediaTypeOf(read.contentType ?? '');
  if (!type.startsWith('application/cloudevents')) {
    if (read.contentType !== undefined) read.attributes.datacontenttype = read.contentType;
    return eventWithBody(read.attributes, value);
  }
  if (type !== 'application/cloudevents+json' || !isUtf8(charset))
    return {
      fault: eventFault('EVENT_CONTENT_TYPE_UNSUPPORTED', '', 'comes in an event format other than JSON in UTF-8'),
    };
  return parseStructured(value ?? '');
}

type Read =
  | { readonly attributes: Attributes; readonly contentType: string | undefined }
  | { readonly fault: EventFault };

function readHeaders(headers: Readonly<Record<string, Uint8Array | undefined>>): Read {
  const attributes: Attributes = Object.create(null); // header names are anybody's
  let contentType: string | undefined;
  for (const [header, bytes] of Object.entries(headers)) {
    const isAttribute = header.startsWith('ce_');
    if (bytes === undefined || !(isAttribute || header === 'content-type' || header === 'traceparent')) continue;
    const name = isAttribute ? header.slice('ce_'.length) : header;
    const bad = (why: string) => ({ fault: eventFault('EVENT_HEADER_INVALID', pointerStep(name), why) });
    let text: string;
    try {
      text = headerText(bytes);
    } catch {
      return bad('is not UTF-8');
    }
    // Section 3.2.1: the content type is the header without the prefix, and only that.
    if (isAttribute && name === 'datacontenttype') return bad('must be sent as content-type');
    if (header === 'content-type') contentType = text;
    else if (isAttribute || !('ce_traceparent' in headers)) attributes[name] = text;
  }
  return { attributes, contentType };
}
