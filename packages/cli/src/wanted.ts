/** What an operator makes for an installation on Kafka and MongoDB, before its services are started. */
import { declaredTopics } from '@coachloop/contracts';
import type { CollectionSpec } from '@coachloop/document-store';
import type { TopicSpec } from '@coachloop/event-log';
import type { TopicChange } from '@coachloop/event-log/kafka';
import { collectionsOfService } from '@coachloop/runtime';
import { CliError } from './errors.ts';
import { allServices } from './services.ts';

export const wantedTopics = (): readonly TopicSpec[] =>
  declaredTopics().map(({ name, partitions, retentionMs }) =>
    retentionMs === null ? { name, partitions } : { name, partitions, retentionMs },
  );

export const wantedCollections = (): readonly CollectionSpec[] =>
  allServices({ customerKey: '' }).flatMap(({ definition }) => collectionsOfService(definition));

/** Partitions first: where they differ, other replicas would not help. */
export function refusedTopics(what: string, refused: readonly TopicChange[]): CliError {
  const partitions = refused.filter(({ differences }) => differences.some(({ setting }) => setting === 'partitions'));
  const [code, topics] =
    partitions.length > 0 ? (['TOPICS_DIFFER', partitions] as const) : (['TOPIC_REPLICAS_DIFFER', refused] as const);
  return new CliError(code, `${what}: ${topics.map(({ topic }) => topic).join(', ')}.`);
}
