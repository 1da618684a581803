/**
 * A generation of the projections: a consumer group and collections of its own, so that the next one can be built from the
 * start of the log beside the one that is shown. The numbers of generations rise; a collection is never used again.
 */
import { PARTITIONS, PUBLIC_TOPICS } from '@coachloop/contracts';
import { type Aggregate, aggregate, type Router, type ServiceDefinition } from '@coachloop/runtime';
import { handleShare, NO_SHARE, type Share, shareIdOf } from './domain/share.ts';

/** What is counted. The words of a call are not looked at unless they move it to another stage. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  'call-events': [
    'call.queued',
    'call.ringing',
    'call.answered',
    'call.held',
    'call.unheld',
    'call.transferred',
    'call.abandoned',
    'call.ended',
    'call.wrapup.ended',
    'call.completed',
    'call.revised',
    'transcript.segment',
    'transcript.completed',
    'survey.answered',
    'agent.state.changed',
  ],
  'qa-events': ['qa.evaluation.completed', 'qa.evaluation.revised'],
  'training-events': [
    'training.trigger.evaluated',
    'training.case.opened',
    'training.case.stage.changed',
    'training.case.closed',
    'training.assigned',
    'training.started',
    'training.completed',
    'training.overdue',
    'training.reminded',
    'training.escalated',
  ],
  'evaluation-events': ['evaluation.window.opened', 'evaluation.completed'],
  'notification-events': ['notification.created', 'notification.read'],
};

export const nameOfGeneration = (generation: number): string => `live-metrics.g${generation}`;
export const collectionsOf = (generation: number) => ({ shares: `live-shares-g${generation}` });

/** Every share there can be. */
export const SHARE_IDS: readonly string[] = PUBLIC_TOPICS.flatMap((topic) =>
  Array.from({ length: PARTITIONS }, (_, partition) => shareIdOf(topic, partition)),
);

const staysWhereItIs = ({ stage }: { stage?: { from: string; to: string } }): boolean =>
  stage === undefined || stage.from === stage.to;

export function generationDefinition(generation: number): ServiceDefinition {
  const { shares } = collectionsOf(generation);
  const toShare: Router = (_event, { topic, partition }) => [{ collection: shares, id: shareIdOf(topic, partition) }];
  const routers: Readonly<Record<string, Router>> = {
    'transcript.segment': (event, origin) =>
      staysWhereItIs(event.data as { stage?: { from: string; to: string } }) ? [] : toShare(event, origin),
  };
  const shareAggregate: Aggregate<Share> = {
    collection: shares,
    schema: 1,
    initial: () => NO_SHARE,
    handle: handleShare,
    digest: (state) => state,
  };
  return {
    name: nameOfGeneration(generation),
    aggregates: [aggregate(shareAggregate)],
    consumes: Object.fromEntries(
      Object.entries(COUNTED).map(([topic, types]) => [
        topic,
        Object.fromEntries(types.map((type) => [type, routers[type] ?? toShare])),
      ]),
    ),
    emits: [],
  };
}
