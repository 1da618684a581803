/**
 * A generation of the projections: a consumer group and collections of its own, so that the next one can be built from the
 * start of the log beside the one that is shown. The numbers of generations rise; a collection is never used again.
 */
import {
  type CallEventData,
  PARTITIONS,
  PUBLIC_TOPICS,
  type QaEventData,
  type TrainingEventData,
  UNASSIGNED_AGENT,
} from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import { aggregate, type Router, type ServiceDefinition } from '@coachloop/runtime';
import { type AgentFigures, handleAgent, newAgent } from './domain/agent.ts';
import { type CustomerContacts, customerIdOf, handleCustomer, newCustomer } from './domain/customer.ts';
import { FIRST_GENERATION, type Generations } from './domain/generations.ts';
import { DEFAULT_POLICY, type MetricsPolicy } from './domain/policy.ts';
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
  'qa-events': ['qa.evaluation.completed', 'qa.evaluation.revised', 'qa.evaluation.withdrawn'],
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
export const collectionsOf = (generation: number) => ({
  shares: `live-shares-g${generation}`,
  agents: `live-agents-g${generation}`,
  customers: `live-customers-g${generation}`,
});

/** Every share there can be. */
export const SHARE_IDS: readonly string[] = PUBLIC_TOPICS.flatMap((topic) =>
  Array.from({ length: PARTITIONS }, (_, partition) => shareIdOf(topic, partition)),
);

const staysWhereItIs = ({ stage }: { stage?: { from: string; to: string } }): boolean =>
  stage === undefined || stage.from === stage.to;

/** The agents an evaluation is about: whose it is, and whose it was. Nobody is `unassigned`. */
function agentsOf(data: QaEventData<'qa.evaluation.revised'>): readonly string[] {
  const named = [data.agentId, ...(data.replaces === undefined ? [] : [data.replaces.agentId])];
  return [...new Set(named)].filter((agentId) => agentId !== UNASSIGNED_AGENT);
}

const formerAgentOf = ({ agentId, replaces }: QaEventData<'qa.evaluation.withdrawn'>): readonly string[] =>
  replaces === undefined || agentId === UNASSIGNED_AGENT ? [] : [agentId];

function customersOf({ customerHash, replaces }: CallEventData<'call.revised'>): readonly string[] {
  const named = [customerHash, replaces?.customerHash].flatMap((hash) =>
    hash === undefined ? [] : customerIdOf(hash),
  );
  return [...new Set(named)];
}

export function generationDefinition(generation: number, policy: MetricsPolicy): ServiceDefinition {
  const { shares, agents, customers } = collectionsOf(generation);
  const toShare: Router = (_event, { topic, partition }) => [{ collection: shares, id: shareIdOf(topic, partition) }];
  const toAll = (collection: string, ids: readonly string[]) => ids.map((id) => ({ collection, id }));
  const toAgents: Router = (event, origin) => [
    ...toShare(event, origin),
    ...toAll(agents, agentsOf(event.data as QaEventData<'qa.evaluation.revised'>)),
  ];
  const toFormerAgent: Router = (event, origin) => [
    ...toShare(event, origin),
    // Without `replaces` there is nothing to take back: the revision that goes with it does.
    ...toAll(agents, formerAgentOf(event.data as QaEventData<'qa.evaluation.withdrawn'>)),
  ];
  const toCustomers: Router = (event, origin) => [
    ...toShare(event, origin),
    ...toAll(customers, customersOf(event.data as CallEventData<'call.revised'>)),
  ];
  const routers: Readonly<Record<string, Router>> = {
    'transcript.segment': (event, origin) =>
      staysWhereItIs(event.data as { stage?: { from: string; to: string } }) ? [] : toShare(event, origin),
    'call.completed': toCustomers,
    'call.revised': toCustomers,
    'qa.evaluation.completed': toAgents,
    'qa.evaluation.revised': toAgents,
    'qa.evaluation.withdrawn': toFormerAgent,
    'training.case.stage.changed': (event, origin) => [
      ...toShare(event, origin),
      { collection: agents, id: (event.data as TrainingEventData<'training.case.stage.changed'>).agentId },
    ],
  };
  return {
    name: nameOfGeneration(generation),
    aggregates: [
      aggregate<Share>({
        collection: shares,
        schema: 1,
        initial: () => NO_SHARE,
        handle: handleShare,
      }),
      aggregate<AgentFigures>({
        collection: agents,
        schema: 1,
        indexes: [
          { name: 'by-score', fields: ['state.meanScore'] },
          { name: 'by-open-cases', fields: ['state.openCases'] },
        ],
        initial: newAgent,
        handle: handleAgent,
      }),
      aggregate<CustomerContacts>({
        collection: customers,
        schema: 1,
        indexes: [{ name: 'by-single', fields: ['state.single', 'state.latestMs'] }],
        initial: newCustomer,
        handle: handleCustomer(policy.repeatContactMs),
      }),
    ],
    consumes: Object.fromEntries(
      Object.entries(COUNTED).map(([topic, types]) => [
        topic,
        Object.fromEntries(types.map((type) => [type, routers[type] ?? toShare])),
      ]),
    ),
    emits: [],
  };
}

/** Where the pointer is: see `domain/generations.ts`. */
export const GENERATION_TARGET = { collection: 'live-generation', id: 'live' } as const;

/** Stores that know of the pointer: it is looked at again and again. */
const declared = new WeakSet<DocumentStore>();

/** What runs beside `live-metrics` by the pointer in this store, for those who check an installation that does not run. */
export async function generationsIn(store: DocumentStore): Promise<readonly ServiceDefinition[]> {
  const { collection, id } = GENERATION_TARGET;
  if (!declared.has(store)) await store.declare([{ name: collection, indexes: [] }]);
  declared.add(store);
  const [found] = await store.load(collection, [id]);
  const state = (found?.body.state as Generations | null | undefined) ?? FIRST_GENERATION;
  // Which policy counts for nothing: what is there was counted by another process.
  return [generationDefinition(state.active, DEFAULT_POLICY)];
}
