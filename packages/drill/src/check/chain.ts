/** That each service has heard of everything that the one before it said: what follows from an event is there as often as the event. */
import type { Client } from '../load/client.ts';
import type { Books, Happening } from './books.ts';

interface Link {
  readonly of: string;
  readonly where?: (happening: Happening) => boolean;
  readonly by: 'caseId' | 'assignmentId';
  readonly follows: string;
  readonly template?: string;
}

const LINKS: readonly Link[] = [
  {
    of: 'training.completed',
    where: ({ passed }) => passed === true,
    by: 'assignmentId',
    follows: 'evaluation.window.opened',
  },
  { of: 'training.case.opened', by: 'caseId', follows: 'notification.created', template: 'case-opened' },
  { of: 'training.assigned', by: 'caseId', follows: 'notification.created', template: 'training-assigned' },
];

export function checkChain(books: Books): void {
  for (const { of, where = () => true, by, follows, template } of LINKS) {
    const causes = countBy(books.happenings.get(of)?.filter(where), by);
    const effects = countBy(
      books.happenings.get(follows)?.filter((each) => template === undefined || each.template === template),
      by,
    );
    for (const id of new Set([...causes.keys(), ...effects.keys()])) {
      const [wanted, found] = [causes.get(id) ?? 0, effects.get(id) ?? 0];
      const name = `${follows}${template === undefined ? '' : ` (${template})`} after ${of} of ${id}`;
      if (found < wanted) books.wrong(`lost: ${name}, ${found} instead of ${wanted}`);
      if (found > wanted) books.wrong(`doubled: ${name}, ${found} instead of ${wanted}`);
    }
  }
}

const countBy = (list: readonly Happening[] | undefined, by: Link['by']): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const each of list ?? []) counts.set(String(each[by]), (counts.get(String(each[by])) ?? 0) + 1);
  return counts;
};

export interface AgentShown {
  readonly agentId: string;
  readonly all: { readonly evaluations: number };
}

/** While the platform still runs. */
export const agentsOf = (client: Client): Promise<readonly AgentShown[]> =>
  client.all<AgentShown>('/metrics/v1/agents?sort=open-cases&limit=100');

/** Of all agents, since the first event; null: unknown. */
export interface Totals {
  readonly evaluations: number | null;
  readonly casesOpened: number | null;
}

/** What the wall shows: merged from a share for each topic and partition, which are counted apart from the agents. */
export async function totalsOf(client: Client): Promise<Totals> {
  const { body } = await client.send({ path: '/metrics/v1/snapshot' });
  const { figures } = body as {
    readonly figures: Record<keyof Totals, { readonly all: { readonly value: number | null } }>;
  };
  return { evaluations: figures.evaluations.all.value, casesOpened: figures.casesOpened.all.value };
}

/** The live figures are a recount of the log. */
export function checkFigures(agents: readonly AgentShown[], totals: Totals, books: Books): void {
  const [evaluations, casesOpened] = [books.evaluations.size, books.counts.get('training.case.opened') ?? 0];
  for (const [name, found, wanted] of [
    ['evaluations', totals.evaluations, evaluations],
    ['cases', totals.casesOpened, casesOpened],
  ] as const)
    if ((found ?? 0) !== wanted) books.wrong(`figures: there are ${found} ${name} in all, and in the log ${wanted}`);
  const counted = new Map<string, number>();
  for (const agentId of books.evaluations.values()) counted.set(agentId, (counted.get(agentId) ?? 0) + 1);
  const shown = new Map(agents.map(({ agentId, all }) => [agentId, all.evaluations]));
  for (const agentId of new Set([...counted.keys(), ...shown.keys()]))
    if ((shown.get(agentId) ?? 0) !== (counted.get(agentId) ?? 0))
      books.wrong(`figures: ${agentId} has ${shown.get(agentId)} evaluations, and the log ${counted.get(agentId)}`);
}
