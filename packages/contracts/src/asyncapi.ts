/** The AsyncAPI 3.0.0 document, made from the table of topics: what there is to subscribe to, and how to send. */
import type { TSchema } from 'typebox';
import { headersExample, headersSchema } from './asyncapi-headers.ts';
import { type Key, PARTITIONS, SERVICES, TOPICS, type TopicEntry } from './catalogue.ts';
import { DeadLetterEvents, deadLetterTopic, RetryEvents, retryTopic } from './dead-letter.ts';
import { deadLetterExamples, EXAMPLES } from './examples.ts';
import { sharedSchemas, withReferences } from './json-schema.ts';

const KAFKA_BINDING = '0.5.0';

interface Channel {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly tag: 'public' | 'intake' | 'internal';
  /** Null: anybody. */
  readonly writer: string | null;
  readonly reader: string | null;
  readonly events: Readonly<Record<string, TSchema>>;
  readonly keyOf: (type: string) => string;
  readonly examples: Readonly<Record<string, unknown>>;
}

const KEYS: Readonly<Record<Key, string>> = {
  'call id': 'Our id of the call',
  'agent id': 'Our id of the agent, or `unassigned`',
  "platform's call id": "The platform's id of the call",
  "platform's agent id": "The platform's id of the agent",
  'assignment id': 'Id of the assignment, as in training.assigned',
  'webhook id': 'Id of the webhook',
};

const catalogueChannels: readonly Channel[] = Object.values(TOPICS).map((entry: TopicEntry) => ({
  name: entry.name,
  title: entry.name,
  summary: entry.summary,
  tag: entry.kind,
  writer: entry.owner,
  reader: entry.reader ?? null,
  events: entry.events,
  keyOf: (type) => KEYS[entry.keyOf?.[type] ?? entry.key],
  examples: (EXAMPLES as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[entry.name] ?? {},
}));

const consumerChannels: readonly Channel[] = SERVICES.flatMap((service) => [
  {
    name: deadLetterTopic(service),
    title: `Dead letters of ${service}`,
    summary: `What ${service} could not handle, whole and with its reason, until it is replayed or discarded`,
    tag: 'internal',
    writer: service,
    reader: service,
    events: DeadLetterEvents,
    keyOf: () => 'Id of the aggregate that parked it',
    examples: deadLetterExamples,
  },
  {
    name: retryTopic(service),
    title: `Retries of ${service}`,
    summary: `Dead letters that ${service} shall handle once more; it runs each at most once`,
    tag: 'internal',
    writer: service,
    reader: service,
    events: RetryEvents,
    keyOf: () => 'Id of the aggregate that parked it',
    examples: deadLetterExamples,
  },
]);

const CHANNELS: readonly Channel[] = [...catalogueChannels, ...consumerChannels];

/** Names in the document: `call-events` + `call.ended` → `call-events.call.ended`. Types occur on several topics. */
const messageName = (channel: Channel, type: string): string => `${channel.name}.${type}`;

const exampleOf = (channel: Channel, type: string): unknown => {
  if (Object.hasOwn(channel.examples, type)) return channel.examples[type];
  throw new TypeError(`There is no example of ${type} on ${channel.name}; add one in src/examples/`);
};

const descriptionOf = (schema: TSchema): string => ('description' in schema ? String(schema.description) : '');

function message(channel: Channel, type: string, schema: TSchema): object {
  const own = channel.writer !== null;
  return {
    name: type,
    title: type,
    ...(descriptionOf(schema) === '' ? {} : { summary: descriptionOf(schema) }),
    contentType: 'application/json',
    tags: [{ name: channel.tag }],
    headers: headersSchema(type, own),
    payload: withReferences(schema),
    bindings: { kafka: { key: { type: 'string', description: channel.keyOf(type) }, bindingVersion: KAFKA_BINDING } },
    examples: [{ name: 'example', headers: headersExample(type, channel.writer), payload: exampleOf(channel, type) }],
  };
}

const channelObject = (channel: Channel): object => ({
  address: channel.name,
  title: channel.title,
  summary: channel.summary,
  description: `Partitions are chosen by the murmur2 hash of the key, as Kafka's own clients do. ${order(channel)}`,
  servers: [{ $ref: '#/servers/kafka' }],
  tags: [{ name: channel.tag }],
  messages: Object.fromEntries(
    Object.keys(channel.events).map((type) => [type, { $ref: `#/components/messages/${messageName(channel, type)}` }]),
  ),
  bindings: { kafka: { topic: channel.name, partitions: PARTITIONS, bindingVersion: KAFKA_BINDING } },
});

const order = (channel: Channel): string =>
  channel.tag === 'intake'
    ? 'Events may come in any order, late, and more than once: what is known of a call does not depend on it.'
    : 'Records of one ce_stream rise in ce_seq; a record at or below the highest ce_seq seen of its stream is a repetition.';

function operations(channel: Channel): Readonly<Record<string, object>> {
  const common = {
    channel: { $ref: `#/channels/${channel.name}` },
    messages: Object.keys(channel.events).map((type) => ({ $ref: `#/channels/${channel.name}/messages/${type}` })),
    tags: [{ name: channel.tag }],
  };
  const writer = channel.writer ?? 'foreign-producer';
  const reader = channel.reader ?? 'subscriber';
  return {
    [`${writer}.send.${channel.name}`]: {
      action: 'send',
      title: `${writer} writes ${channel.name}`,
      summary: channel.writer
        ? `Only ${writer} writes this topic`
        : 'For systems that speak to the bus; others use HTTP',
      ...common,
    },
    [`${reader}.receive.${channel.name}`]: {
      action: 'receive',
      title: `${reader} reads ${channel.name}`,
      summary: channel.reader ? `Handled by ${reader}` : 'Anybody may subscribe, with a consumer group of their own',
      ...common,
    },
  };
}

/** As plain JSON; `@asyncapi/parser` takes it without errors or warnings. */
export function asyncapi(): object {
  return {
    asyncapi: '3.0.0',
    id: 'urn:coachloop:events',
    info: {
      title: 'Coachloop events',
      version: '0.1.0',
      description:
        'What happens between the calls of a contact centre and its training. CloudEvents 1.0 in binary mode: attributes are headers `ce_*`, the value is JSON. Changes are additive: readers ignore fields they do not know.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      tags: [
        { name: 'public', description: 'A product: documented, kept, replayable' },
        { name: 'intake', description: 'Where foreign producers knock' },
        { name: 'internal', description: 'Belongs to one consumer; shapes may change with the release' },
      ],
    },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        host: '{host}',
        protocol: 'kafka',
        description: 'The broker. Without Kafka the same events come from GET /events/v1 and by webhook.',
        variables: { host: { default: 'localhost:9092', description: 'Bootstrap server of the installation' } },
      },
    },
    channels: Object.fromEntries(CHANNELS.map((channel) => [channel.name, channelObject(channel)])),
    operations: Object.assign({}, ...CHANNELS.map(operations)) as object,
    components: {
      messages: Object.fromEntries(
        CHANNELS.flatMap((channel) =>
          Object.entries(channel.events).map(([type, schema]) => [
            messageName(channel, type),
            message(channel, type, schema),
          ]),
        ),
      ),
      schemas: sharedSchemas(),
    },
  };
}
