/** One table: which topics there are, who writes them, how they are keyed, and which event types they carry. */
import type { TSchema } from 'typebox';
import { AgentStateIntake, CallEvents, CallIntake } from './call.ts';
import { deadLetterTopic, retryTopic } from './dead-letter.ts';
import { EvaluationEvents } from './evaluation.ts';
import { NotificationEvents } from './notification.ts';
import { QaEvents } from './qa.ts';
import { CompletionReport, StartReport, TrainingEvents } from './training.ts';

/** Constant for ever: more partitions means a new topic and a migration. */
export const PARTITIONS = 12;

/** What is asked for again and again within days, and never after: raw input and orders to handle a letter again. */
const MONTH_MS = 30 * 86_400_000;

export type Key =
  | 'call id'
  | 'agent id'
  | "platform's call id"
  | "platform's agent id"
  | 'assignment id'
  | 'webhook id';

export interface TopicEntry {
  readonly name: string;
  /** The service that alone writes it; null: foreign producers do. */
  readonly owner: string | null;
  readonly key: Key;
  /** Types whose key is another than the topic's. */
  readonly keyOf?: Readonly<Record<string, Key>>;
  /** The service that takes in what foreign producers send. */
  readonly reader?: string;
  /** Public topics are a product: documented, kept, replayable. Intake topics are where foreign producers knock. */
  readonly kind: 'public' | 'intake';
  /** How long Kafka keeps records, in ms; null: for ever. (The embedded log keeps everything.) */
  readonly retentionMs: number | null;
  readonly events: Readonly<Record<string, TSchema>>;
  readonly summary: string;
}

export const TOPICS = {
  'call-intake': {
    name: 'call-intake',
    owner: null,
    key: "platform's call id",
    keyOf: { 'agent.state.changed': "platform's agent id" },
    reader: 'call-ingest',
    kind: 'intake',
    retentionMs: MONTH_MS,
    events: { ...CallIntake, 'agent.state.changed': AgentStateIntake },
    summary: 'Raw call events, for platforms that speak to the bus; the same as POST /ingest/v1/events',
  },
  'training-intake': {
    name: 'training-intake',
    owner: null,
    key: 'assignment id',
    reader: 'training-assignment',
    kind: 'intake',
    retentionMs: MONTH_MS,
    events: { 'training.completion.reported': CompletionReport, 'training.start.reported': StartReport },
    summary: 'Starts and completions, for learning systems that speak to the bus; the same as POST /training/v1/events',
  },
  'call-events': {
    name: 'call-events',
    owner: 'call-ingest',
    key: 'call id',
    keyOf: { 'agent.state.changed': 'agent id' },
    kind: 'public',
    retentionMs: null,
    events: CallEvents,
    summary:
      'Calls as they happen, in order per call, each once; and the record of each finished call. agent.state.changed is keyed by agent id',
  },
  'qa-events': {
    name: 'qa-events',
    owner: 'qa-scoring',
    key: 'agent id',
    kind: 'public',
    retentionMs: null,
    events: QaEvents,
    summary: 'Evaluations with evidence',
  },
  'training-events': {
    name: 'training-events',
    owner: 'training-assignment',
    key: 'agent id',
    kind: 'public',
    retentionMs: null,
    events: TrainingEvents,
    summary: 'Triggers, remediation cases and assignments',
  },
  'evaluation-events': {
    name: 'evaluation-events',
    owner: 'evaluation',
    key: 'agent id',
    kind: 'public',
    retentionMs: null,
    events: EvaluationEvents,
    summary: 'What the training changed',
  },
  'notification-events': {
    name: 'notification-events',
    owner: 'notification',
    key: 'agent id',
    keyOf: { 'notification.webhook.disabled': 'webhook id' },
    kind: 'public',
    retentionMs: null,
    events: NotificationEvents,
    summary: 'Who was told what',
  },
} as const satisfies Record<string, TopicEntry>;

export type TopicName = keyof typeof TOPICS;
export const PUBLIC_TOPICS: readonly TopicName[] = (Object.keys(TOPICS) as TopicName[]).filter(
  (t) => TOPICS[t].kind === 'public',
);

/** Published event type → its topic. Intake types are not in it: nobody of us publishes them. */
export const TOPIC_OF_TYPE: Readonly<Record<string, TopicName>> = Object.assign(
  Object.create(null), // types come from outside: `constructor` must not be found
  Object.fromEntries(PUBLIC_TOPICS.flatMap((topic) => Object.keys(TOPICS[topic].events).map((type) => [type, topic]))),
);

export const SERVICES = [
  'call-ingest',
  'qa-scoring',
  'training-assignment',
  'evaluation',
  'notification',
  'live-metrics',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The schema of an event type on a topic; undefined: unknown there. */
export const schemaOf = (topic: string, type: string): TSchema | undefined => {
  if (!Object.hasOwn(TOPICS, topic)) return undefined;
  const { events }: TopicEntry = TOPICS[topic as TopicName];
  return Object.hasOwn(events, type) ? events[type] : undefined;
};

/** A topic as the log is told to make it. */
export interface DeclaredTopic {
  readonly name: string;
  readonly partitions: number;
  /** In ms; null: for ever. */
  readonly retentionMs: number | null;
}

/**
 * All topics of an installation: those of the table, and two of each service. Public events and dead letters are kept for ever:
 * whoever subscribes late gets the whole history, and a letter may be replayed whenever its cause was found.
 */
export const declaredTopics = (services: readonly string[] = SERVICES): readonly DeclaredTopic[] => [
  ...Object.values(TOPICS).map(({ name, retentionMs }) => ({ name, partitions: PARTITIONS, retentionMs })),
  ...services.flatMap((service) => [
    { name: retryTopic(service), partitions: PARTITIONS, retentionMs: MONTH_MS },
    { name: deadLetterTopic(service), partitions: PARTITIONS, retentionMs: null },
  ]),
];
