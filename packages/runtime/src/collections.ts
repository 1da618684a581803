import { deadLetterTopic, retryTopic } from '@coachloop/contracts';
import type { CollectionSpec } from '@coachloop/document-store';
import type { ServiceDefinition } from './definition.ts';
import { collectionsOf } from './document.ts';
import { intakeAggregate, lettersAggregate } from './letters.ts';

/** All that a service declares in its store when it starts: its aggregates, and the kernel's own. */
export const collectionsOfService = ({ name, aggregates }: ServiceDefinition): readonly CollectionSpec[] =>
  collectionsOf([...aggregates, lettersAggregate(name), intakeAggregate(name)]);

/** All that its consumer group reads. */
export const topicsOfService = ({ name, consumes }: ServiceDefinition): readonly string[] => [
  ...Object.keys(consumes),
  retryTopic(name),
  deadLetterTopic(name),
];
