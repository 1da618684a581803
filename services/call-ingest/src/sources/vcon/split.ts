/** A body of vCons → pieces: one JSON value or an array of them, or one per line. */
import { decodeJson, EVENT_BOUNDS, type EventFault, mediaTypeOf } from '@coachloop/contracts';
import type { Note, Piece, RawRequest, Split } from '../source.ts';

export function splitVcons({ contentType, body }: RawRequest): Split {
  const { type } = mediaTypeOf(contentType);
  if (/^application\/(x-)?(ndjson|jsonl|jsonlines)$/.test(type)) return { pieces: splitLines(body) };
  if (/^application\/(json|vcon|vcon\+json|jose\+json)$/.test(type)) return splitJson(body);
  const given = type === '' ? 'There is no Content-Type' : `The Content-Type is ${JSON.stringify(type.slice(0, 60))}`;
  const reason = `${given}; send application/vcon+json or application/json for one vCon or an array, application/x-ndjson for one per line.`;
  return { fault: { code: 'INGEST_MEDIA_TYPE', path: '', reason } };
}

function splitJson(body: Uint8Array): Split {
  const decoded = decodeJson(body, EVENT_BOUNDS.depth_max + 1);
  if ('fault' in decoded) return { fault: noteOf(decoded.fault, 'The body') };
  const values: readonly unknown[] = Array.isArray(decoded.value) ? decoded.value : [decoded.value];
  return { pieces: values.map((value) => ({ value })) };
}

const NEWLINE = 0x0a;
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0d || byte === 0x09;

/** By bytes, so that a line that is not UTF-8 costs that line alone. */
function splitLines(body: Uint8Array): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0, line = 1; from < body.length; line += 1) {
    const newline = body.indexOf(NEWLINE, from);
    const end = newline < 0 ? body.length : newline;
    const bytes = body.subarray(from, end);
    from = end + 1;
    if (bytes.every(isBlank)) continue;
    const decoded = decodeJson(bytes, EVENT_BOUNDS.depth_max);
    pieces.push('fault' in decoded ? { fault: noteOf(decoded.fault, `Line ${line}`) } : decoded);
  }
  return pieces;
}

const noteOf = ({ code, message, pointer }: EventFault, what: string): Note => ({
  code,
  path: pointer,
  reason: `${what} ${message}.`,
});
