/** Call events: what telephony platforms send (`call-intake`, HTTP), and what call-ingest publishes (`call-events`). */
import { type Static, Type } from 'typebox';
import {
  BOUNDS,
  CallMs,
  Channel,
  Count,
  Direction,
  Flag,
  Id,
  Label,
  Language,
  maybe,
  Nullable,
  Seconds,
  Shape,
  Text,
  Time,
  Uuid,
} from './schema.ts';

export const Speaker = Type.Enum(['agent', 'customer', 'system', 'unknown']);

export const Segment = Shape({
  index: Count('Place in the transcript, from 0', BOUNDS.segments_max),
  speaker: Speaker,
  text: Text('What was said or written'),
  startMs: maybe(CallMs('From the start of the call; absent where the source has no time')),
  endMs: maybe(CallMs('End of the utterance; absent where unknown; equal to startMs in a chat')),
});
export type Segment = Static<typeof Segment>;

export const Transcript = Shape({
  language: maybe(Language),
  timing: Type.Enum(['measured', 'sent', 'none'], {
    description: 'measured: start and end of speech; sent: moment of sending (chat); none: order only',
  }),
  speakers: maybe(
    Type.Enum(['stated', 'inferred', 'unknown'], {
      description: 'Who tells the speakers apart: the source, we by a rule, or nobody; absent: the source',
    }),
  ),
  segments: Type.Array(Segment, { maxItems: BOUNDS.segments_max }),
});
export type Transcript = Static<typeof Transcript>;

/** What any call event of a platform may carry; every field but `callId` may come with any event, in any order. */
const intake = {
  callId: Id("The platform's own id of the call"),
  at: maybe(Time('When it happened; absent: the time of the CloudEvent')),
  agentId: maybe(Id("The platform's own id of the agent")),
  agentName: maybe(Label('How people know the agent; shown, never logged')),
  queue: maybe(Label('Queue or skill')),
  channel: maybe(Channel),
  direction: maybe(Direction),
  language: maybe(Language),
  startedAt: maybe(Time('When the contact began')),
  customerId: maybe(Id('The customer, in clear; hashed before it is stored')),
  customerHash: maybe(Id('The customer, hashed by the platform')),
  openCases: maybe(Flag('An import that wants cases opened although the call is old')),
} as const;

export const CallIntake = {
  'call.queued': Shape(intake, 'The customer waits in a queue'),
  'call.ringing': Shape({ ...intake }, "The agent's line rings"),
  'call.answered': Shape(
    { ...intake, waitSeconds: maybe(Seconds('Waited in total before the answer')) },
    'The agent answered',
  ),
  'call.held': Shape({ ...intake }, 'The customer was put on hold'),
  'call.unheld': Shape({ ...intake }, 'The customer is back'),
  'call.transferred': Shape(
    { ...intake, toAgentId: maybe(Id("The platform's id of the next agent")), toQueue: maybe(Label('Next queue')) },
    'The call went to another agent or queue',
  ),
  'call.abandoned': Shape({ ...intake }, 'The customer hung up before the answer'),
  'call.ended': Shape(
    {
      ...intake,
      endedBy: maybe(Type.Enum(['agent', 'customer', 'system'])),
      durationSeconds: maybe(Seconds('Whole duration, where the platform states it')),
    },
    'The conversation is over',
  ),
  'call.wrapup.ended': Shape({ ...intake }, 'After-call work is done'),
  'transcript.segment': Shape(
    { ...intake, ...Segment.properties },
    'One utterance while the call runs; the same index again replaces it',
  ),
  'transcript.completed': Shape({ ...intake, transcript: Transcript }, 'The whole transcript; replaces segments'),
  'survey.answered': Shape(
    {
      ...intake,
      score: Type.Number({ minimum: -1000, maximum: 1000 }),
      scale: Shape({ min: Type.Number(), max: Type.Number() }),
      resolved: maybe(Flag('The customer says that the matter is solved')),
    },
    'The customer rated the call',
  ),
} as const;

export const AgentStateIntake = Shape(
  {
    agentId: Id("The platform's own id of the agent"),
    agentName: maybe(Label('How people know the agent')),
    state: Type.Enum(['available', 'ringing', 'talking', 'wrapup', 'break', 'offline']),
    at: maybe(Time('When; absent: the time of the CloudEvent')),
  },
  'An agent changed state at the platform',
);

export type CallIntakeType = keyof typeof CallIntake;
export type CallIntakeData<T extends CallIntakeType = CallIntakeType> = Static<(typeof CallIntake)[T]>;

/** Where a call is. `done` is final but for late records. Decided by the Call aggregate from all it knows, in any order. */
export const CallStage = Type.Enum(['none', 'queued', 'ringing', 'talking', 'held', 'wrapup', 'abandoned', 'done']);
export type CallStage = Static<typeof CallStage>;

/** As long as the envelope allows it to be. */
const SourceName = Type.String({ minLength: 1, maxLength: 500, description: 'CloudEvents source of the platform' });

/** What every published call event says. `from` and `to` let a reader count calls by stage exactly. */
const published = {
  callId: Uuid('Our id of the call'),
  source: SourceName,
  sourceCallId: Id("The platform's id"),
  agentId: Id('Our id of the agent, or `unassigned`'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  queue: maybe(Label('Queue or skill')),
  channel: Channel,
  direction: Direction,
  at: Time('When it happened'),
  stage: Shape({ from: CallStage, to: CallStage }),
} as const;

const step = (description: string) => Shape(published, description);

/** The record of a finished call: everything a scorer needs. Times in ms count from `startedAt`. */
export const CallRecord = Shape({
  callId: Uuid('Our id of the call'),
  revision: Type.Integer({ minimum: 1, description: '1: call.completed; then call.revised' }),
  source: SourceName,
  sourceCallId: Id("The platform's id"),
  agentId: Id('Our id of the agent, or `unassigned`'),
  agentKey: maybe(Id("The platform's id of the agent")),
  agentName: maybe(Label('How people know the agent')),
  queue: maybe(Label('Queue or skill')),
  channel: Channel,
  direction: Direction,
  language: maybe(Language),
  startedAt: Time('First sign of the call'),
  answeredAt: maybe(Time('First answer')),
  endedAt: Time('End of the conversation'),
  waitSeconds: maybe(Seconds('From queued (or the start) to answered or abandoned')),
  ringSeconds: maybe(Seconds('From ringing to answered')),
  talkSeconds: maybe(Seconds('From answered to ended, without holds')),
  holdSeconds: maybe(Seconds('All holds')),
  wrapupSeconds: maybe(Seconds('From ended to the end of after-call work')),
  holds: Type.Array(Shape({ startMs: CallMs('From the start'), endMs: maybe(CallMs('Absent: until the end')) }), {
    maxItems: 200,
  }),
  transfers: Count('How often it was transferred', 1000),
  abandoned: Flag('The customer hung up before an answer'),
  customerHash: maybe(Id('Keyed hash of the customer')),
  survey: maybe(
    Shape({
      score: Type.Number(),
      scale: Shape({ min: Type.Number(), max: Type.Number() }),
      resolved: maybe(Flag('Solved, says the customer')),
    }),
  ),
  transcript: Nullable(Transcript),
  missing: Type.Array(Type.Enum(['transcript', 'record']), {
    maxItems: 2,
    description: 'What had not come when the wait ran out',
  }),
  openCases: Flag('Cases may be opened for this call whatever its age'),
});
export type CallRecord = Static<typeof CallRecord>;

/** What an earlier revision of a record said, as far as figures are counted from it: whoever keeps sums takes it back. */
export const ReplacedCall = Shape({
  revision: Type.Integer({ minimum: 1 }),
  agentId: CallRecord.properties.agentId,
  queue: CallRecord.properties.queue,
  customerHash: CallRecord.properties.customerHash,
  endedAt: CallRecord.properties.endedAt,
  abandoned: CallRecord.properties.abandoned,
  waitSeconds: CallRecord.properties.waitSeconds,
  talkSeconds: CallRecord.properties.talkSeconds,
  holdSeconds: CallRecord.properties.holdSeconds,
  wrapupSeconds: CallRecord.properties.wrapupSeconds,
  survey: CallRecord.properties.survey,
});
export type ReplacedCall = Static<typeof ReplacedCall>;

/** The record as an event. `stage` is about this event, not about the call: the same record may arrive by several ways. */
const recorded = (description: string) =>
  Shape(
    {
      ...CallRecord.properties,
      stage: maybe(Shape({ from: CallStage, to: CallStage }, 'As in every call event')),
      replaces: maybe(ReplacedCall),
    },
    description,
  );

export const CallEvents = {
  'call.queued': step('The customer waits'),
  'call.ringing': step("The agent's line rings"),
  'call.answered': Shape({ ...published, waitSeconds: maybe(Seconds('Waited before the answer')) }, 'Answered'),
  'call.held': step('On hold'),
  'call.unheld': step('Back from hold'),
  'call.transferred': Shape(
    { ...published, toAgentId: maybe(Id('Our id of the next agent')), toQueue: maybe(Label('Next queue')) },
    'Transferred',
  ),
  'call.abandoned': Shape({ ...published, waitSeconds: maybe(Seconds('Waited in vain')) }, 'Hung up before an answer'),
  'call.ended': Shape(
    { ...published, talkSeconds: maybe(Seconds('Talk time')), holdSeconds: maybe(Seconds('Hold time')) },
    'Ended',
  ),
  'call.wrapup.ended': Shape(
    { ...published, wrapupSeconds: maybe(Seconds('After-call work')) },
    'After-call work done',
  ),
  'transcript.segment': Shape({ ...published, segment: Segment }, 'One utterance while the call runs'),
  'transcript.completed': Shape(
    { ...published, segments: Count('How many'), language: maybe(Language) },
    'The transcript is there (in call.completed)',
  ),
  'survey.answered': Shape(
    {
      ...published,
      score: Type.Number(),
      scale: Shape({ min: Type.Number(), max: Type.Number() }),
      resolved: maybe(Flag('Solved')),
    },
    'Rated by the customer',
  ),
  'call.completed': recorded('The call is over, and its record and transcript are there, or waited for in vain'),
  'call.revised': recorded('Something came late that changes the record; the whole record again'),
  'agent.state.changed': Shape(
    {
      agentId: Id('Our id of the agent'),
      agentKey: Id("The platform's id"),
      agentName: maybe(Label('How people know the agent')),
      from: Nullable(Label('State before, as we knew it; null: first sight')),
      to: Label('State now'),
      at: Time('When'),
    },
    'An agent changed state',
  ),
} as const;
export type CallEventType = keyof typeof CallEvents;
export type CallEventData<T extends CallEventType> = Static<(typeof CallEvents)[T]>;
