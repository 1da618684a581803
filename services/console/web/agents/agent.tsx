/** What shall this person learn? */

import { Link } from 'wouter';
import { to } from '../address.ts';
import { useCaseColumns } from '../cases/cases.tsx';
import { usePlatformNow } from '../data/clock.ts';
import { useCases, useLearner, useReview } from '../data/queries.ts';
import type { CaseSummary, Learner, Review } from '../data/types.ts';
import { type Speech, useSpeech } from '../i18n/index.tsx';
import { Answer, Crumbs, Section } from '../parts/layout.tsx';
import { StageMark, When } from '../parts/marks.tsx';
import { useAgentName } from '../parts/names.tsx';
import { Await, Empty } from '../parts/states.tsx';
import { DataTable } from '../parts/table.tsx';
import { useTitle } from '../parts/title.ts';
import classes from './agents.module.css';
import { Competencies, meanOf } from './competencies.tsx';
import { Evaluations } from './evaluations.tsx';
import { Triggers } from './triggers.tsx';

export function Agent({ id }: { id: string }) {
  const learner = useLearner(id);
  return (
    <Await of={learner} lines={10}>
      {(found) => <AgentOf learner={found} />}
    </Await>
  );
}

function AgentOf({ learner }: { learner: Learner }) {
  const speech = useSpeech();
  const { t } = speech;
  const name = useAgentName()(learner);
  useTitle(name);
  const cases = useCases({ agentId: learner.agentId });
  const review = useReview(learner.agentId);
  const all = cases.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <article>
      <Crumbs steps={[{ href: to.agents, label: t.agents.title }]} />
      <Answer question={`${name} — ${t.agent.question}`}>{sentence(learner, all, speech)}</Answer>
      <div className={classes.grid}>
        <div className={classes.column}>
          <Competencies learner={learner} cases={all} />
          <CasesOf cases={all} loaded={cases.data !== undefined} />
          <Effects review={review.data ?? null} />
        </div>
        <div className={classes.column}>
          <Evaluations agentId={learner.agentId} />
          <Triggers agentId={learner.agentId} />
        </div>
      </div>
    </article>
  );
}

const N_MIN = 5;
const GOOD_FROM = 75;

function sentence(learner: Learner, cases: readonly CaseSummary[], { t, term, score, whole }: Speech): string {
  const open = cases.filter((one) => one.open);
  if (open.length > 0)
    return open
      .map(({ competency, stage }) => t.agent.learnsNow(term('competency', competency), term('stage', stage)))
      .join(' ');
  const known = learner.windows
    .map((window) => ({ ...window, mean: meanOf(window) }))
    .filter(({ mean, results }) => mean !== null && results.length >= N_MIN)
    .sort((a, b) => (a.mean ?? 0) - (b.mean ?? 0));
  const [weakest] = known;
  if (!weakest || weakest.mean === null) return t.agent.noData;
  if (weakest.mean < GOOD_FROM)
    return t.agent.shouldLook(
      term('competency', weakest.competency),
      score(weakest.mean),
      whole(weakest.results.length),
    );
  return t.agent.fine(score(Math.floor(weakest.mean)));
}

function CasesOf({ cases, loaded }: { cases: readonly CaseSummary[]; loaded: boolean }) {
  const { t } = useSpeech();
  const columns = useCaseColumns({ withAgent: false });
  return (
    <Section title={t.agent.cases}>
      {loaded && cases.length === 0 ? <Empty>{t.agent.noCases}</Empty> : null}
      {cases.length > 0 ? (
        <DataTable label={t.agent.cases} rows={cases} columns={columns} keyOf={({ caseId }) => caseId} />
      ) : null}
    </Section>
  );
}

function Effects({ review }: { review: Review | null }) {
  const { t, term, signed } = useSpeech();
  const now = usePlatformNow();
  const decided = review?.decided ?? [];
  return (
    <Section title={t.agent.effects} hint={decided.length > 0 ? t.agent.interval : undefined}>
      {decided.length === 0 ? <Empty>{t.agent.noEffects}</Empty> : null}
      <ul>
        {decided.map(({ caseId, attempt, competency, outcome, difference, interval80, decidedAt }) => (
          <li key={`${caseId}-${attempt}`} className={classes.effect}>
            <Link href={to.case(caseId)} className="link ellipsis">
              <StageMark stage={outcome} /> {term('competency', competency)}
            </Link>
            <span>
              {difference === null ? '–' : signed(difference)}{' '}
              <span className="quiet small">
                {interval80?.low != null && interval80.high != null
                  ? `(${signed(interval80.low)} … ${signed(interval80.high)})`
                  : null}
              </span>
            </span>
            <span className="quiet">
              <When at={decidedAt} nowMs={now()} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
