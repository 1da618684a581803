import { LogError } from '../errors.ts';
import { LOG_BOUNDS, type TopicSpec } from '../port.ts';
import { PartitionState, type StoredTopic } from './storage.ts';

/** The topics of an open log and their partitions. */
export class Topics {
  readonly #topics = new Map<string, StoredTopic>();

  constructor(topics: readonly StoredTopic[]) {
    this.put(topics);
  }

  specs(): TopicSpec[] {
    return [...this.#topics.values()].map((topic) => topic.spec);
  }

  partitions(name: string): readonly PartitionState[] {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw topicUnknown(name);
    return topic.partitions;
  }

  partition({ topic, partition }: { readonly topic: string; readonly partition: number }): PartitionState {
    const state = this.partitions(topic)[partition];
    if (state === undefined) throw new LogError('LOG_TOPIC_UNKNOWN', `Topic ${topic} has no partition ${partition}`);
    return state;
  }

  /** What has to be written so that these topics are there: new ones, and those whose retention changed. */
  plan(specs: readonly TopicSpec[]): StoredTopic[] {
    const changed = new Map<string, StoredTopic>();
    let shard = [...this.#topics.values()].reduce((sum, topic) => sum + topic.partitions.length, 0);
    for (const spec of specs) {
      assertValid(spec);
      const known = changed.get(spec.name) ?? this.#topics.get(spec.name);
      if (known === undefined) {
        const first = shard;
        shard += spec.partitions;
        const partitions = Array.from(
          { length: spec.partitions },
          (_, i) => new PartitionState(spec.name, i, first + i, 0, 0),
        );
        changed.set(spec.name, { spec, partitions });
        continue;
      }
      if (known.spec.partitions !== spec.partitions) throw partitionsDiffer(known.spec, spec);
      if (known.spec.retentionMs !== spec.retentionMs) changed.set(spec.name, { spec, partitions: known.partitions });
    }
    return [...changed.values()];
  }

  put(topics: readonly StoredTopic[]): void {
    for (const topic of topics) this.#topics.set(topic.spec.name, topic);
  }
}

export function assertValid({ name, partitions, retentionMs }: TopicSpec): void {
  if (!LOG_BOUNDS.topic_name.test(name)) {
    throw new LogError('LOG_TOPIC_INVALID', `The topic name ${JSON.stringify(name.slice(0, 120))} is not allowed`);
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > LOG_BOUNDS.partitions_max) {
    throw new LogError('LOG_TOPIC_INVALID', `Topic ${name} cannot have ${partitions} partitions`);
  }
  if (retentionMs !== undefined && !(Number.isSafeInteger(retentionMs) && retentionMs > 0)) {
    throw new LogError('LOG_TOPIC_INVALID', `Topic ${name} cannot keep records for ${retentionMs} ms`);
  }
}

export function partitionsDiffer(known: TopicSpec, asked: TopicSpec): LogError {
  return new LogError(
    'LOG_TOPIC_PARTITIONS_DIFFER',
    `Topic ${known.name} has ${known.partitions} partitions, and ${asked.partitions} were asked for`,
  );
}

export function topicUnknown(name: string): LogError {
  return new LogError('LOG_TOPIC_UNKNOWN', `There is no topic ${JSON.stringify(name)}`);
}
