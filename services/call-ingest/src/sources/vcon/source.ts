/** vCon (IETF drafts 0.0.1 to 0.4.0 and the published files that break them) → intake events. */
import {
  BOUNDS,
  CallIntake,
  type CallIntakeData,
  type CallIntakeType,
  decodeJson,
  documentIdOf,
  EVENT_BOUNDS,
  faultOf,
  sha256,
  valueFaultOf,
} from '@coachloop/contracts';
import { type Fields, fields, isFields, list, pointerOf, text } from '../json.ts';
import type { MapOptions, Mapped, MappedCall, Note, Source, SourceEvent } from '../source.ts';
import { type Leg, legsOf } from './legs.ts';
import { splitVcons } from './split.ts';
import { readTime } from './time.ts';

/** Checked before anything is read: the work is linear in the body then. A chat of more messages would be refused as a transcript. */
export const VCON_BOUNDS = {
  depth_max: EVENT_BOUNDS.depth_max,
  dialog_max: BOUNDS.segments_max,
  analysis_max: 1_000,
  attachments_max: 1_000,
  parties_max: 200,
} as const;

const rejected = (code: string, path: string, reason: string): Mapped => ({
  calls: [],
  rejected: [{ code, path, reason }],
  warnings: [],
});

/** Never throws: what makes no call says why, with the path to blame. */
export function mapVcon(value: unknown, options: MapOptions): Mapped {
  const fault = valueFaultOf(value, '', VCON_BOUNDS.depth_max);
  if (fault) return rejected(fault.code, fault.pointer, `${fault.pointer || 'The vCon'} ${fault.message}.`);
  if (!isFields(value)) return rejected('VCON_NOT_AN_OBJECT', '', 'A vCon is a JSON object.');
  if (value.ciphertext !== undefined)
    return rejected('VCON_ENCRYPTED', '/ciphertext', 'The vCon is encrypted; send it decrypted.');
  if (value.payload !== undefined && value.signatures !== undefined) return mapSigned(value.payload, options);
  return mapPlain(value, options);
}

/** An unsigned vCon is believed as far as whoever may post is; so is a signed one, whose signature we do not check (yet). */
function mapSigned(payload: unknown, options: MapOptions): Mapped {
  const inner = unpack(payload);
  if (!isFields(inner)) return rejected('VCON_SIGNED_UNREADABLE', '/payload', 'The payload is no vCon in base64url.');
  const mapped = mapVcon(inner, options);
  const within = (note: Note): Note => ({ ...note, path: `/payload${note.path}` });
  const unchecked: Note = {
    code: 'VCON_SIGNATURE_NOT_CHECKED',
    path: '/signatures',
    reason: 'The signature was not checked.',
  };
  return {
    calls: mapped.calls.map((call) => ({ ...call, path: `/payload${call.path}` })),
    rejected: mapped.rejected.map(within),
    warnings: [unchecked, ...mapped.warnings.map(within)],
  };
}

function unpack(payload: unknown): unknown {
  if (typeof payload !== 'string') return undefined;
  const decoded = decodeJson(Buffer.from(payload, 'base64url'), VCON_BOUNDS.depth_max);
  const inner = 'fault' in decoded ? {} : fields(decoded.value);
  // A signature around a signature would let a sender nest without end.
  return 'fault' in decoded || inner.payload !== undefined ? undefined : inner;
}

function mapPlain(vcon: Fields, options: MapOptions): Mapped {
  if (list(vcon.dialog).length === 0)
    return rejected('VCON_NO_DIALOG', '/dialog', 'There is no dialog in it, so there is no call.');
  for (const part of ['dialog', 'analysis', 'attachments', 'parties'] as const) {
    const [count, max] = [list(vcon[part]).length, VCON_BOUNDS[`${part}_max`]];
    if (count > max)
      return rejected('VCON_TOO_MANY_PARTS', `/${part}`, `One vCon may have ${max} in ${part}; it has ${count}.`);
  }
  const { legs, rejected: faults, warnings } = legsOf(vcon);
  const id = text(vcon.uuid) ?? `sha256:${sha256(JSON.stringify(vcon))}`;
  const said = readTime(vcon.updated_at) ?? readTime(vcon.created_at);
  const calls: MappedCall[] = [];
  const notes = [...faults];
  legs.forEach((leg, place) => {
    const sourceCallId = place === 0 ? id : `${id}/dialog/${leg.dialog}`;
    const path = pointerOf(['dialog', leg.dialog]);
    const events = eventsOf(leg, sourceCallId, said?.ms ?? leg.endedAt, options);
    const fault = faultOfEvents(events, path);
    if (fault) notes.push(fault);
    else calls.push({ sourceCallId, path, events });
  });
  return { calls, rejected: notes, warnings };
}

function eventsOf(leg: Leg, callId: string, time: number, { source, openCases }: MapOptions): readonly SourceEvent[] {
  const shared = { callId, ...leg.shared, ...(openCases ? { openCases } : {}) };
  const event = (type: CallIntakeType, data: CallIntakeData): SourceEvent => {
    // The content is in the id: the same file again repeats, a changed one (a new transcript) says something new.
    return { id: documentIdOf('vcon', callId, type, sha256(JSON.stringify([time, data]))), source, type, time, data };
  };
  const iso = (ms: number) => new Date(ms).toISOString();
  return [
    ...(leg.answeredAt === undefined ? [] : [event('call.answered', { ...shared, at: iso(leg.answeredAt) })]),
    ...leg.transfers.map((at) => event('call.transferred', { ...shared, at: iso(at) })),
    event(leg.abandoned ? 'call.abandoned' : 'call.ended', { ...shared, at: iso(leg.endedAt) }),
    ...(leg.transcript ? [event('transcript.completed', { ...shared, transcript: leg.transcript })] : []),
  ];
}

function faultOfEvents(events: readonly SourceEvent[], path: string): Note | undefined {
  for (const { type, data } of events) {
    const fault = faultOf(CallIntake[type], data);
    if (fault) return { code: 'VCON_CALL_INVALID', path, reason: `As ${type}: ${fault.pointer} ${fault.message}` };
  }
  return undefined;
}

export const vconSource: Source = { name: 'vcon', split: splitVcons, map: mapVcon };
