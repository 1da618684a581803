/**
 * What a transition says is checked before it is kept: once it is in an outbox, it must be possible to publish it, or the
 * outbox would be stuck for good. Here the message that caused it is still at hand, and can be parked.
 */
import { LOG_BOUNDS } from '@coachloop/event-log';
import { DOCUMENT_BOUNDS, type OutboxEntry } from './document.ts';
import { RuntimeError } from './errors.ts';
import { isLarger, textOf } from './payloads.ts';

/** The last moment that a date can hold, ms. */
const TIME_MS_MAX = 8.64e15;
const SUBJECT_CHARS_MAX = 500;

export function checkEmit(entry: OutboxEntry): void {
  const { type, key, subject, time } = entry;
  const bad = (why: string) => new RuntimeError('RUNTIME_EMIT_INVALID', `${type} was emitted with ${why}.`);
  if (typeof key !== 'string' || !key.isWellFormed() || isLarger(key, LOG_BOUNDS.key_bytes_max))
    throw bad('a key that is no text or too long');
  if (subject !== undefined && (!subject.isWellFormed() || subject.length > SUBJECT_CHARS_MAX))
    throw bad('a subject that is no text or too long');
  if (!Number.isSafeInteger(time) || Math.abs(time) > TIME_MS_MAX) throw bad(`the time ${time}`);
  if (typeof textOf(entry) !== 'string') throw bad('data that is not JSON');
  if (isLarger(textOf(entry), DOCUMENT_BOUNDS.reference_bytes_max))
    throw bad(`data of more than ${DOCUMENT_BOUNDS.reference_bytes_max} bytes`);
}

export function checkWakeAt(wakeAt: number | null): void {
  if (wakeAt !== null && !(Number.isSafeInteger(wakeAt) && Math.abs(wakeAt) <= TIME_MS_MAX))
    throw new RuntimeError('RUNTIME_EMIT_INVALID', `A transition asks to be woken at ${wakeAt}.`);
}
