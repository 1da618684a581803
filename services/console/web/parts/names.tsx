import { Link } from 'wouter';
import { to } from '../address.ts';
import { useQuestionTitles } from '../data/queries.ts';
import type { Title, Who } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';

const UNASSIGNED = 'unassigned';

export function useAgentName(): (who: Partial<Who>) => string {
  const { t } = useSpeech();
  return ({ agentId, agentName, agentKey }) =>
    agentName ??
    agentKey ??
    (agentId === UNASSIGNED || agentId === undefined ? t.agents.unassigned : agentId.slice(0, 8));
}

export function AgentLink({ who }: { who: Who }) {
  const name = useAgentName();
  return (
    <Link href={to.agent(who.agentId)} className="link">
      {name(who)}
    </Link>
  );
}

/** What a question asks, in the page's language; its id until the forms are there. */
export function useQuestionName(own?: ReadonlyMap<string, Title>): (questionId: string) => string {
  const { language } = useSpeech();
  const { data } = useQuestionTitles();
  return (questionId) => (own?.get(questionId) ?? data?.get(questionId))?.[language] ?? questionId.replaceAll('-', ' ');
}
