/** Identity is derived, never rolled: the same input names the same thing, on every machine and at every redelivery. */
import { createHmac, hash } from 'node:crypto';

/** Namespaces (random once, constant for ever). A new rule gets a new namespace, never a changed one. */
const NAMESPACE = {
  call: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a01',
  agentV1: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a02',
  event: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a03',
  document: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a04',
} as const;

const SEPARATOR = '\u001f';

/**
 * Names are joined by a control character, so that ("a","bc") ≠ ("ab","c"). Should a platform's id hold that very character,
 * the parts are written as JSON, which escapes it: no choice of ids makes two names meet.
 */
function join(parts: readonly (string | number)[]): string {
  const joined = parts.join(SEPARATOR);
  if (parts.length < 2) return joined;
  let separators = 0;
  for (let at = joined.indexOf(SEPARATOR); at >= 0; at = joined.indexOf(SEPARATOR, at + 1)) separators += 1;
  return separators === parts.length - 1 ? joined : JSON.stringify(parts);
}

const VARIANT = '89ab';
const SCRATCH_BYTES = 4096;
const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** UUID version 5 (RFC 9562, section 5.5) in one namespace. Each event needs one or more: the one-shot hash is 8 times as fast as a library's. */
function uuid5(namespace: string): (name: string) => string {
  const scratch = Buffer.alloc(SCRATCH_BYTES);
  const start = scratch.write(namespace.replaceAll('-', ''), 'hex');
  return (name) => {
    const fits = name.length * 3 + start <= SCRATCH_BYTES; // UTF-8 takes at most 3 bytes per UTF-16 unit
    const bytes = fits
      ? scratch.subarray(0, start + scratch.write(name, start))
      : Buffer.concat([bytesOf(namespace), Buffer.from(name)]);
    const h = hash('sha1', bytes, 'hex');
    const variant = VARIANT[Number.parseInt(h.charAt(16), 16) & 3];
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20, 32)}`;
  };
}

const callUuid = uuid5(NAMESPACE.call);
const agentUuid = uuid5(NAMESPACE.agentV1);
const eventUuid = uuid5(NAMESPACE.event);
const documentUuid = uuid5(NAMESPACE.document);

/** Our id of a call: from the platform's `source` and its own call id. */
export const callIdOf = (source: string, sourceCallId: string): string => callUuid(join([source, sourceCallId]));

export const UNASSIGNED_AGENT = 'unassigned';

/**
 * Rule v1 of agent identity: the event's `source` and the platform's agent id, trimmed, letter case kept.
 * Absent or blank: `unassigned`; such calls are kept and scored, and train nobody.
 */
export const agentIdOf = (source: string, platformAgentId: string | null | undefined): string => {
  const id = platformAgentId?.trim();
  return id ? agentUuid(join([source, id])) : UNASSIGNED_AGENT;
};
export const AGENT_IDENTITY_RULE = 1;

/** Id of an event that a transition emits: from its cause, the service, the aggregate and its place among the outputs. */
export const eventIdOf = (causeId: string, service: string, aggregate: string, ordinal: number): string =>
  eventUuid(join([causeId, service, aggregate, ordinal]));

/** Id of a document that a message creates, e.g. a case: from whatever names it. */
export const documentIdOf = (...parts: readonly (string | number)[]): string => documentUuid(join(parts));

/** A customer, for first-contact resolution, without who it is: HMAC-SHA256 with the installation's key, 32 hex digits. */
export const customerHashOf = (key: string, customerId: string): string =>
  createHmac('sha256', key).update(customerId.trim().toLowerCase()).digest('hex').slice(0, 32);

/** SHA-256 in hex, of bytes or of a string's UTF-8. */
export const sha256 = (input: string | Uint8Array): string => hash('sha256', input, 'hex');
