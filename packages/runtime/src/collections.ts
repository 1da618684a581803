import { deadLetterTopic, retryTopic } from '@coachloop/contracts';
import type { CollectionSpec } from '@coachloop/document-store';
import type { Aggregate, ServiceDefinition } from './definition.ts';
import { collectionsOf } from './document.ts';
import { intakeAggregate, lettersAggregate } from './letters.ts';

/** Declared by the service, and the kernel's own two: dead letters and intake. */
export const aggregatesOfService = ({ name, aggregates }: ServiceDefinition): readonly Aggregate<never>[] => [
  ...aggregates,
  lettersAggregate(name),
  intakeAggregate(name),
];

/** All that a service declares in its store when it starts. */
export const collectionsOfService = (definition: ServiceDefinition): readonly CollectionSpec[] =>
  collectionsOf(aggregatesOfService(definition));

/** All that its consumer group reads. */
export const topicsOfService = ({ name, consumes }: ServiceDefinition): readonly string[] => [
  ...Object.keys(consumes),
  retryTopic(name),
  deadLetterTopic(name),
];
