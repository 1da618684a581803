/** Identity is derived, never rolled: the same input names the same thing, on every machine and at every redelivery. */
import { createHash, createHmac } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';

/** Namespaces (random once, constant for ever). A new rule gets a new namespace, never a changed one. */
const NAMESPACE = {
  call: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a01',
  agentV1: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a02',
  event: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a03',
  document: '6f1c3c1e-6f0b-4d0b-9b0e-3c9d5f4b7a04',
} as const;

/** Parts are joined by a character that JSON strings of ours cannot hold unescaped, so that ("a","bc") ≠ ("ab","c"). */
const join = (parts: readonly (string | number)[]) => parts.join('\u001f');

/** Our id of a call: from the platform's `source` and its own call id. */
export const callIdOf = (source: string, sourceCallId: string): string =>
  uuidv5(join([source, sourceCallId]), NAMESPACE.call);

export const UNASSIGNED_AGENT = 'unassigned';

/**
 * Rule v1 of agent identity: the event's `source` and the platform's agent id, trimmed, letter case kept.
 * Absent or blank: `unassigned`; such calls are kept and scored, and train nobody.
 */
export const agentIdOf = (source: string, platformAgentId: string | null | undefined): string => {
  const id = platformAgentId?.trim();
  return id ? uuidv5(join([source, id]), NAMESPACE.agentV1) : UNASSIGNED_AGENT;
};
export const AGENT_IDENTITY_RULE = 1;

/** Id of an event that a transition emits: from its cause, the service, the aggregate and its place among the outputs. */
export const eventIdOf = (causeId: string, service: string, aggregate: string, ordinal: number): string =>
  uuidv5(join([causeId, service, aggregate, ordinal]), NAMESPACE.event);

/** Id of a document that a message creates, e.g. a case: from whatever names it. */
export const documentIdOf = (...parts: readonly (string | number)[]): string => uuidv5(join(parts), NAMESPACE.document);

/** A customer, for first-contact resolution, without who it is: HMAC-SHA256 with the installation's key, 32 hex digits. */
export const customerHashOf = (key: string, customerId: string): string =>
  createHmac('sha256', key).update(customerId.trim().toLowerCase()).digest('hex').slice(0, 32);

/** SHA-256 in hex, of bytes or of a string's UTF-8. */
export const sha256 = (input: string | Uint8Array): string => createHash('sha256').update(input).digest('hex');
