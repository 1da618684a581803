/** Declared topics against those of the brokers: what differs, and making it so. Nothing is ever deleted. */
import type { TopicSpec } from '../port.ts';
import { type BrokerTopic, TopicAdmin } from './admin.ts';
import { type KafkaLogOptions, settingsOf } from './options.ts';
import { newTopic, topicConfig } from './topics.ts';

export interface TopicChange {
  readonly topic: string;
  /** `refused`: it cannot be done to a topic that exists; then nothing is done to any. */
  readonly action: 'create' | 'change' | 'refused';
  /** What would be, or was, done. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly setting: string;
  /** Null: the topic is not there. */
  readonly from: string | null;
  readonly to: string;
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
}

type Client = Parameters<typeof settingsOf>[1];

/** What differs, topic by topic; made so unless `dryRun`, or anything of it is refused. Throws `LOG_UNAVAILABLE`, `LOG_TOPIC_INVALID`. */
export async function applyTopics(
  options: KafkaLogOptions,
  specs: readonly TopicSpec[],
  { dryRun = false }: ApplyOptions,
  client: Client,
): Promise<readonly TopicChange[]> {
  const admin = new TopicAdmin(settingsOf(options, client));
  try {
    const found = new Map((await admin.describe(specs.map(({ name }) => name))).map((topic) => [topic.name, topic]));
    const changes = specs.flatMap((spec) => changeOf(spec, found.get(spec.name), options));
    if (dryRun || changes.some(({ action }) => action === 'refused')) return changes;
    const missing = specs.filter(({ name }) => !found.has(name));
    await admin.create(missing.map((spec) => newTopic(spec, options)));
    for (const { topic, action, differences } of changes) {
      const known = found.get(topic);
      if (action !== 'change' || known === undefined) continue;
      await admin.configure(known, Object.fromEntries(differences.map(({ setting, to }) => [setting, to])));
    }
    return changes;
  } finally {
    await admin.close();
  }
}

function changeOf(spec: TopicSpec, found: BrokerTopic | undefined, options: KafkaLogOptions): TopicChange[] {
  const config = Object.entries(topicConfig(spec, options));
  const topic = spec.name;
  const counts = countsOf(spec, options);
  if (found === undefined) {
    const differences = [...counts, ...config].map(([setting, to]) => ({ setting, from: null, to }));
    return [{ topic, action: 'create', differences }];
  }
  const present: Readonly<Record<string, string>> = {
    partitions: String(found.partitions),
    'replication.factor': String(found.replicas),
    ...found.config,
  };
  const differ = ([setting, to]: readonly [string, string]): Difference[] =>
    present[setting] === to ? [] : [{ setting, from: present[setting] ?? null, to }];
  const fixed = counts.flatMap(differ);
  if (fixed.length > 0) return [{ topic, action: 'refused', differences: fixed }];
  const changed = config.flatMap(differ);
  return changed.length > 0 ? [{ topic, action: 'change', differences: changed }] : [];
}

/** What a topic is born with. */
function countsOf(spec: TopicSpec, { replicationFactor }: KafkaLogOptions): (readonly [string, string])[] {
  const partitions = ['partitions', String(spec.partitions)] as const;
  return replicationFactor === undefined
    ? [partitions]
    : [partitions, ['replication.factor', String(replicationFactor)]];
}
