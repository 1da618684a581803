/** A message that a consumer parked: kept whole, unless it is too large, with its reason, until somebody replays or discards it. */
import { type Static, Type } from 'typebox';
import { Id, maybe, Nullable, Shape, Text, Time } from './schema.ts';

export const DeadLetter = Shape(
  {
    group: Id('Consumer group, i.e. the service'),
    collection: Id('Kind of aggregate that refused it; `intake` where it could not even be read'),
    aggregate: Type.String({ minLength: 1, maxLength: 512, description: 'Id of the aggregate' }),
    stream: Type.String({ maxLength: 1000, description: 'Stream of the message' }),
    seq: Type.Integer({ minimum: 0 }),
    origin: Nullable(
      Shape({ topic: Id('Topic'), partition: Type.Integer({ minimum: 0 }), offset: Type.Integer({ minimum: 0 }) }),
    ),
    reason: Shape({
      code: Id('Stable code'),
      message: Text('What was wrong and where'),
      pointer: maybe(Text('JSON pointer')),
    }),
    parkedAt: Time('When'),
    record: Shape({
      key: Nullable(Type.String({ description: 'As long as whoever wrote it made it' })),
      headers: Type.Record(Type.String(), Type.String(), { description: 'Base64 of each header' }),
      value: Nullable(Type.String({ description: 'Base64 of the value' })),
      timestampMs: maybe(Type.Integer({ description: 'When it was appended, ms since the epoch' })),
      omitted: maybe(
        Shape(
          {
            bytes: Type.Integer({ minimum: 0, description: 'Of the value' }),
            sha256: Type.String({ maxLength: 64, description: 'Of the value, hex' }),
          },
          'It was too large for a letter: it has no value here, and its key and headers only where they are short. The topic has it at `origin`, as long as retention keeps it',
        ),
      ),
    }),
  },
  'A parked message',
);
export type DeadLetter = Static<typeof DeadLetter>;

/** That a letter is closed: its message was handled after all, or somebody decided that it never will be. */
export const DeadLetterResolved = Shape(
  {
    group: Id('Consumer group'),
    collection: Id('Kind of aggregate'),
    aggregate: Type.String({ minLength: 1, maxLength: 512, description: 'Id of the aggregate' }),
    stream: Type.String({ maxLength: 1000, description: 'Stream of the message' }),
    seq: Type.Integer({ minimum: 0 }),
    how: Type.Enum(['replayed', 'discarded']),
    reason: maybe(Text('Why it was discarded')),
  },
  'A parked message was replayed or discarded',
);
export type DeadLetterResolved = Static<typeof DeadLetterResolved>;

export const DEAD_LETTER_TYPE = 'dead-letter.parked';
export const retryTopic = (group: string): string => `${group}.retry`;
export const deadLetterTopic = (group: string): string => `${group}.dead-letter`;

/** What is on `<group>.dead-letter`. */
export const DeadLetterEvents = {
  [DEAD_LETTER_TYPE]: DeadLetter,
  'dead-letter.resolved': DeadLetterResolved,
} as const;
/** What is on `<group>.retry`: the whole letter again, for the aggregate named in it. */
export const RetryEvents = { 'dead-letter.replay-requested': DeadLetter } as const;
