import { assertValid, partitionsDiffer, topicUnknown } from '../core/topics.ts';
import { LogError } from '../errors.ts';
import type { TopicSpec } from '../port.ts';
import type { BrokerTopic, NewTopic, TopicAdmin } from './admin.ts';
import type { KafkaLogOptions } from './options.ts';

const FOR_EVER = '-1';
/** Kafka's own default. */
const BATCH_BYTES_MAX = 1_048_588;
/** How far ahead the time of an event may be: `future_ms_max` of the contracts. */
const AHEAD_MS_MAX = 86_400_000;
/** What kafkajs reads without a codec of somebody else's. */
const READABLE = new Set(['uncompressed', 'gzip']);

/** The settings of our topics that are not the brokers' business. */
export function topicConfig(
  spec: TopicSpec,
  options: Pick<KafkaLogOptions, 'compression' | 'minInsyncReplicas'>,
): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': spec.retentionMs === undefined ? FOR_EVER : String(spec.retentionMs),
    'retention.bytes': FOR_EVER,
    // Ours, so that nothing has to be packed anew; and foreign producers' snappy, lz4 and zstd, which kafkajs cannot read
    // and would stop at, never reach a consumer.
    'compression.type': options.compression === 'gzip' ? 'gzip' : 'uncompressed',
    // What a batch of ours may be (see appender.ts), whatever the brokers' default.
    'max.message.bytes': String(BATCH_BYTES_MAX),
    'message.timestamp.type': 'CreateTime',
    // Records are dated by domain time, which may run ahead; Kafka refuses more than an hour otherwise.
    'message.timestamp.after.max.ms': '9223372036854775807',
    ...(options.minInsyncReplicas === undefined ? {} : { 'min.insync.replicas': String(options.minInsyncReplicas) }),
  };
}

export function specOf({ name, partitions, config }: BrokerTopic): TopicSpec {
  const retentionMs = Number(config['retention.ms'] ?? FOR_EVER);
  return retentionMs < 0 ? { name, partitions } : { name, partitions, retentionMs };
}

/** Makes what is missing, or only looks (`expect`), and throws what differs. */
export async function declareTopics(
  admin: TopicAdmin,
  specs: readonly TopicSpec[],
  options: KafkaLogOptions,
): Promise<void> {
  const wanted = merge(specs);
  const found = await admin.describe([...wanted.keys()]);
  const names = new Set(found.map(({ name }) => name));
  const missing = [...wanted.values()].filter(({ name }) => !names.has(name));
  for (const topic of found) assertSame(specOf(topic), wanted);
  const expectation = expectedBy(options.topics);
  const isExpected = (name: string) => expectation(name) !== undefined;
  const expected = missing.filter(({ name }) => isExpected(name));
  if (expected.length > 0) throw topicsMissing(expected);
  assertUsable(found, (name) => {
    const expected = expectation(name);
    return expected && { ...expected, ...wanted.get(name) };
  });
  if (!(await admin.create(missing.map((spec) => newTopic(spec, options))))) {
    for (const topic of await admin.describe(missing.map(({ name }) => name))) assertSame(specOf(topic), wanted);
  }
  for (const topic of found) {
    const retention = wanted.get(topic.name);
    if (retention === undefined || isExpected(topic.name) || specOf(topic).retentionMs === retention.retentionMs)
      continue;
    await admin.configure(topic, { 'retention.ms': String(retention.retentionMs ?? FOR_EVER) });
  }
}

export function newTopic(spec: TopicSpec, options: KafkaLogOptions): NewTopic {
  const { name, partitions } = spec;
  return { name, partitions, replicas: options.replicationFactor ?? -1, config: topicConfig(spec, options) };
}

interface Expectation {
  /** Infinite: for ever; absent: nobody said. */
  readonly retentionMs?: number;
}

function expectedBy(topics: KafkaLogOptions['topics']): (name: string) => Expectation | undefined {
  if (topics === undefined || typeof topics === 'string') return () => (topics === 'expect' ? {} : undefined);
  const kept = new Map(topics.map(({ name, retentionMs = Number.POSITIVE_INFINITY }) => [name, { retentionMs }]));
  return (name) => kept.get(name);
}

/** One spec per name; the last one says how long to keep. */
function merge(specs: readonly TopicSpec[]): Map<string, TopicSpec> {
  const wanted = new Map<string, TopicSpec>();
  for (const spec of specs) {
    assertValid(spec);
    const known = wanted.get(spec.name);
    if (known !== undefined && known.partitions !== spec.partitions) throw partitionsDiffer(known, spec);
    wanted.set(spec.name, spec);
  }
  return wanted;
}

function assertSame(known: TopicSpec, wanted: ReadonlyMap<string, TopicSpec>): void {
  const asked = wanted.get(known.name);
  if (asked !== undefined && asked.partitions !== known.partitions) throw partitionsDiffer(known, asked);
}

/** What an operator's topics must not be: each of these would show only when it is too late. */
function assertUsable(topics: readonly BrokerTopic[], expectation: (name: string) => Expectation | undefined): void {
  const faults = topics.flatMap((topic) => {
    const expected = expectation(topic.name);
    return expected ? faultsOf(topic.config, expected).map((fault) => `${topic.name}: ${fault}`) : [];
  });
  if (faults.length > 0) throw new LogError('LOG_TOPIC_SETTINGS_DIFFER', faults.join('; '));
}

function faultsOf(config: BrokerTopic['config'], { retentionMs = 0 }: Expectation): string[] {
  const compression = config['compression.type'] ?? '';
  const policy = config['cleanup.policy'];
  const { 'message.timestamp.type': dated = 'CreateTime' } = config;
  return [
    ...(READABLE.has(compression) ? [] : [`compression.type ${compression} lets in what cannot be read`]),
    ...(policy === 'delete' ? [] : [`cleanup.policy ${policy} drops records that are not old`]),
    ...tooSmall(config, 'retention.ms', retentionMs),
    ...tooSmall(config, 'retention.bytes', Number.POSITIVE_INFINITY),
    ...tooSmall(config, 'max.message.bytes', BATCH_BYTES_MAX),
    ...(dated === 'CreateTime' ? [] : [`message.timestamp.type ${dated} hides when it happened`]),
    ...tooSmall(config, 'message.timestamp.after.max.ms', AHEAD_MS_MAX),
  ];
}

/** Negative: without bound. */
function tooSmall(config: BrokerTopic['config'], name: string, least: number): string[] {
  const value = Number(config[name] ?? least);
  if (value < 0 || value >= least) return [];
  return [`${name} ${value} is less than ${least === Number.POSITIVE_INFINITY ? `${FOR_EVER}, no bound` : least}`];
}

function topicsMissing(missing: readonly TopicSpec[]): LogError {
  if (missing.length === 1 && missing[0] !== undefined) return topicUnknown(missing[0].name);
  const names = missing.map(({ name }) => name).join(', ');
  return new LogError('LOG_TOPIC_UNKNOWN', `The brokers have no topics ${names}`);
}
