/** Cases by stage; the stage stands in the address, as the strip on the wall links it. */
import { Link } from 'wouter';
import { to, useParameter } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useLive } from '../data/live.ts';
import { useCases } from '../data/queries.ts';
import type { CaseSummary } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Answer } from '../parts/layout.tsx';
import { STAGES, Stage, StageMark, Tag, When } from '../parts/marks.tsx';
import { AgentLink } from '../parts/names.tsx';
import { Await, Empty } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { useTitle } from '../parts/title.ts';
import classes from './cases.module.css';

export function Cases() {
  const { t, term, whole } = useSpeech();
  useTitle(t.cases.title);
  const [asked] = useParameter('stage');
  const stage = STAGES.find((one) => one === asked);
  const found = useCases(stage === undefined ? {} : { stage });
  const count = useStageCount(stage);
  const columns = useCaseColumns();
  return (
    <>
      <Answer>
        {count === null
          ? t.cases.title
          : t.cases.answer(whole(count), stage === undefined ? null : term('stage', stage))}
      </Answer>
      <StageFilter chosen={stage} />
      <Await of={found} lines={8}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          const more = found.hasNextPage ? { load: found.fetchNextPage, loading: found.isFetchingNextPage } : null;
          return rows.length === 0 ? (
            <Empty>{t.cases.none}</Empty>
          ) : (
            <DataTable label={t.cases.title} rows={rows} columns={columns} keyOf={({ caseId }) => caseId} more={more} />
          );
        }}
      </Await>
    </>
  );
}

function useStageCount(stage: string | undefined): number | null {
  return useLive(({ snapshot }) => {
    if (!snapshot) return null;
    if (stage === undefined) return snapshot.caseStages.reduce((sum, { count }) => sum + (count ?? 0), 0);
    return snapshot.caseStages.find((row) => row.stage === stage)?.count ?? null;
  });
}

function StageFilter({ chosen }: { chosen: string | undefined }) {
  const { t, term, whole } = useSpeech();
  const stages = useLive(({ snapshot }) => snapshot?.caseStages);
  const countOf = (stage: string) => stages?.find((row) => row.stage === stage)?.count ?? null;
  return (
    <nav aria-label={t.cases.filter} className={classes.filter}>
      <Link href={to.cases()} aria-current={chosen === undefined ? 'true' : undefined}>
        {t.cases.all}
      </Link>
      {STAGES.map((stage) => {
        const count = countOf(stage);
        return (
          <Link key={stage} href={to.cases(stage)} aria-current={chosen === stage ? 'true' : undefined}>
            <StageMark stage={stage} />
            {term('stage', stage)}
            {count === null ? null : <b>{whole(count)}</b>}
          </Link>
        );
      })}
    </nav>
  );
}

export function useCaseColumns({ withAgent = true } = {}): readonly Column<CaseSummary>[] {
  const { t, term, whole } = useSpeech();
  const now = usePlatformNow();
  const agent: Column<CaseSummary> = { key: 'agent', head: t.cases.agent, cell: (row) => <AgentLink who={row} /> };
  return [
    {
      key: 'competency',
      head: t.cases.competency,
      cell: ({ caseId, competency }) => (
        <Link href={to.case(caseId)} className="link">
          {term('competency', competency)}
        </Link>
      ),
    },
    ...(withAgent ? [agent] : []),
    { key: 'stage', head: t.cases.stage, cell: ({ stage }) => <Stage stage={stage} /> },
    { key: 'rule', head: t.cases.rule, cell: ({ rule }) => <span className="nowrap">{term('rule', rule)}</span> },
    { key: 'attempts', head: t.cases.attempts, number: true, cell: ({ attempts }) => whole(attempts) },
    { key: 'opened', head: t.cases.opened, cell: ({ openedAt }) => <When at={openedAt} nowMs={now()} /> },
    {
      key: 'due',
      head: t.cases.due,
      cell: ({ dueAt }) =>
        dueAt === null ? null : (
          <span className="nowrap">
            <When at={dueAt} nowMs={now()} />{' '}
            {Date.parse(dueAt) < now() ? <Tag tone="bad">{t.cases.overdue}</Tag> : null}
          </span>
        ),
    },
    {
      key: 'outcome',
      head: t.cases.outcome,
      cell: ({ outcome }) => (outcome === null ? null : <span className="nowrap">{term('outcome', outcome)}</span>),
    },
  ];
}
