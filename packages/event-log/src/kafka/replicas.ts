/** How safely the brokers keep topics: their own default is one copy of everything. */
import { TopicAdmin } from './admin.ts';
import { type KafkaLogOptions, settingsOf } from './options.ts';

export interface Replicas {
  readonly brokers: number;
  /** Those of the names that exist. */
  readonly topics: readonly { readonly topic: string; readonly replicas: number; readonly minInsync: number }[];
}

/** Throws `LOG_UNAVAILABLE`, `LOG_ACCESS_DENIED`. */
export async function replicasOf(
  options: KafkaLogOptions,
  names: readonly string[],
  client: Parameters<typeof settingsOf>[1],
): Promise<Replicas> {
  const admin = new TopicAdmin(settingsOf(options, client));
  try {
    const [brokers, found] = await Promise.all([admin.brokerCount(), admin.describe(names)]);
    const topics = found.map(({ name: topic, replicas, config }) => ({
      topic,
      replicas,
      minInsync: Number(config['min.insync.replicas'] ?? 1),
    }));
    return { brokers, topics };
  } finally {
    await admin.close();
  }
}
