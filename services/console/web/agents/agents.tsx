/** All agents: who needs somebody's attention? */
import { SegmentedControl, TextInput } from '@mantine/core';
import { Link } from 'wouter';
import { to, useParameter } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useAgents } from '../data/queries.ts';
import type { AgentSummary } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Answer } from '../parts/layout.tsx';
import { ScoreBar, When } from '../parts/marks.tsx';
import { useAgentName, useQuestionName } from '../parts/names.tsx';
import { Await, Empty, Unknown } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { useTitle } from '../parts/title.ts';
import classes from './agents.module.css';

const ORDERS = ['lowest-score', 'highest-score', 'open-cases'] as const;

export function Agents() {
  const { t, whole } = useSpeech();
  useTitle(t.agents.title);
  const [askedOrder, setOrder] = useParameter('order');
  const [search, setSearch] = useParameter('find');
  const order = ORDERS.find((one) => one === askedOrder) ?? 'lowest-score';
  const found = useAgents(order);
  const columns = useColumns();
  const name = useAgentName();
  const wanted = (search ?? '').trim().toLowerCase();
  const fits = (agent: AgentSummary) =>
    wanted === '' || `${name(agent)} ${agent.agentKey ?? ''}`.toLowerCase().includes(wanted);
  return (
    <Await of={found} lines={8}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        const rows = all.filter(fits);
        const open = all.filter(({ openCases }) => (openCases ?? 0) > 0).length;
        const more = found.hasNextPage ? { load: found.fetchNextPage, loading: found.isFetchingNextPage } : null;
        return (
          <>
            <Answer>{t.agents.answer(`${whole(all.length)}${more ? '+' : ''}`, whole(open))}</Answer>
            <div className={classes.tools}>
              <TextInput
                aria-label={t.agents.search}
                placeholder={t.agents.search}
                value={search ?? ''}
                onChange={({ currentTarget }) => setSearch(currentTarget.value === '' ? null : currentTarget.value)}
              />
              <SegmentedControl
                size="sm"
                aria-label={t.agents.order}
                value={order}
                onChange={setOrder}
                data={ORDERS.map((value) => ({ value, label: t.agents.orders[value] }))}
              />
            </div>
            {rows.length === 0 ? <Empty>{all.length === 0 ? t.state.empty : t.agents.none}</Empty> : null}
            {rows.length > 0 ? (
              <DataTable
                label={t.agents.title}
                rows={rows}
                columns={columns}
                keyOf={({ agentId }) => agentId}
                more={more}
              />
            ) : null}
          </>
        );
      }}
    </Await>
  );
}

function useColumns(): readonly Column<AgentSummary>[] {
  const { t, whole, percent } = useSpeech();
  const name = useAgentName();
  const questionName = useQuestionName();
  const now = usePlatformNow();
  const count = (value: number | null | undefined) => (value == null ? <Unknown /> : whole(value));
  return [
    {
      key: 'name',
      head: t.agents.name,
      cell: (agent) => (
        <Link href={to.agent(agent.agentId)} className="link nowrap">
          {name(agent)} {agent.agentName === undefined ? null : <span className="quiet small">{agent.agentKey}</span>}
        </Link>
      ),
    },
    { key: 'score', head: t.agents.score, cell: ({ meanScore }) => <ScoreBar value={meanScore} /> },
    {
      key: 'weakest',
      head: t.agents.weakest,
      cell: ({ weakest }) => {
        const [worst] = weakest;
        if (!worst) return null;
        return (
          <span className="nowrap">
            {questionName(worst.questionId)}{' '}
            <span className="quiet small">{percent((worst.failPercent ?? 0) / 100)}</span>
          </span>
        );
      },
    },
    { key: 'cases', head: t.agents.openCases, number: true, cell: ({ openCases }) => count(openCases) },
    {
      key: 'passed',
      head: t.agents.passed,
      number: true,
      cell: ({ passRate }) => (passRate === null ? <Unknown /> : percent(passRate / 100)),
    },
    { key: 'scored', head: t.agents.scored, number: true, cell: ({ evaluations }) => whole(evaluations) },
    {
      key: 'last',
      head: t.agents.last,
      cell: ({ latestCallAt }) => (latestCallAt === null ? null : <When at={latestCallAt} nowMs={now()} />),
    },
  ];
}
