export { collectionsOfService, topicsOfService } from './collections.ts';
export type * from './context.ts';
export * from './definition.ts';
export * from './document.ts';
export { dataOf, type Envelope, envelopeOf, eventOf, type Payloads, type Reader, Unreadable } from './envelope.ts';
export * from './errors.ts';
export { type ReadEvent, readEvents } from './events.ts';
export * from './faults.ts';
export { streamOf } from './inbox.ts';
export * from './inspect.ts';
export {
  DISCARD_COMMAND,
  intakeCollection,
  LETTER_INDEXES,
  type LetterState,
  letterIdOf,
  lettersCollection,
  REPLAY_COMMAND,
} from './letters.ts';
export * from './service.ts';
export { type Handled, type Span, traceIdOf } from './trace.ts';
export type { Ran } from './work.ts';
