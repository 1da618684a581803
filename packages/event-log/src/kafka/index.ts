import './idle-queue.ts';
import kafkajs, { type KafkaConfig } from 'kafkajs';
import type { EventLog, Position, TopicSpec } from '../port.ts';
import { TopicAdmin } from './admin.ts';
import { type ApplyOptions, applyTopics as apply, type TopicChange } from './apply.ts';
import { KafkaLog } from './log.ts';
import { type KafkaLogOptions, settingsOf } from './options.ts';
import { replicasOf as look, type Replicas } from './replicas.ts';

export type { ApplyOptions, Difference, TopicChange } from './apply.ts';
export type { KafkaLogOptions, KafkaTimings, Notice } from './options.ts';
export type { Replicas } from './replicas.ts';

const client = (config: KafkaConfig) => new kafkajs.Kafka(config);

/** The log on Apache Kafka (4, and 2.4 or later), through kafkajs. Connects when it is first used. */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  return new KafkaLog(settingsOf(options, client), options.clock);
}

/**
 * Compares declared topics with those of the brokers, and makes them so unless `dryRun`. Never deletes; counts of partitions and
 * replicas of topics that exist are refused, and then nothing is changed. Returns what differed.
 */
export function applyTopics(
  options: KafkaLogOptions,
  topics: readonly TopicSpec[],
  how: ApplyOptions = {},
): Promise<readonly TopicChange[]> {
  return apply(options, topics, how, client);
}

/** How many brokers there are, and how many copies of each topic they keep. */
export const replicasOf = (options: KafkaLogOptions, topics: readonly string[]): Promise<Replicas> =>
  look(options, topics, client);

/** Drops the records before these offsets, whatever their topics keep: a log that is moved begins where the old one began. */
export async function dropBefore(options: KafkaLogOptions, positions: readonly Position[]): Promise<void> {
  const admin = new TopicAdmin(settingsOf(options, client));
  try {
    for (const [topic, list] of Map.groupBy(positions, (position) => position.topic))
      await admin.deleteBefore(topic, list);
  } finally {
    await admin.close();
  }
}
