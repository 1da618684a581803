/** What an operator makes for an installation on Kafka and MongoDB, before its services are started. */
import { declaredTopics } from '@coachloop/contracts';
import type { CollectionSpec } from '@coachloop/document-store';
import type { TopicSpec } from '@coachloop/event-log';
import { collectionsOfService } from '@coachloop/runtime';
import { allServices } from './services.ts';

export const wantedTopics = (): readonly TopicSpec[] =>
  declaredTopics().map(({ name, partitions, retentionMs }) =>
    retentionMs === null ? { name, partitions } : { name, partitions, retentionMs },
  );

export const wantedCollections = (): readonly CollectionSpec[] =>
  allServices({ customerKey: '' }).flatMap(({ definition }) => collectionsOfService(definition));
