/** Per competency: mean, how many calls it rests on, and how it went. */
import { Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { to } from '../address.ts';
import type { CaseSummary, CompetencyWindow, Learner } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { ScoreBar, Stage } from '../parts/marks.tsx';
import { useQuestionName } from '../parts/names.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import classes from './agents.module.css';

export function meanOf({ results }: CompetencyWindow): number | null {
  if (results.length === 0) return null;
  return results.reduce((sum, { score }) => sum + score, 0) / results.length;
}

export function Competencies({ learner, cases }: { learner: Learner; cases: readonly CaseSummary[] }) {
  const { t, term, whole } = useSpeech();
  const questionName = useQuestionName();
  const rows = learner.windows.toSorted((a, b) => (meanOf(a) ?? 101) - (meanOf(b) ?? 101));
  const columns: readonly Column<CompetencyWindow>[] = [
    {
      key: 'name',
      head: t.agent.competency,
      cell: ({ competency }) => <span className="nowrap">{term('competency', competency)}</span>,
    },
    {
      key: 'mean',
      head: t.agent.mean,
      cell: (row) => (
        <span className="nowrap">
          <ScoreBar value={meanOf(row)} /> <span className="quiet small">{t.figures.n(whole(row.results.length))}</span>
        </span>
      ),
    },
    { key: 'trend', head: t.agent.trend, cell: (row) => <Trend window={row} /> },
    {
      key: 'misses',
      head: t.agent.misses,
      cell: (row) => {
        const worst = mostMissed(row);
        return worst === null ? null : (
          <span className="small">
            {questionName(worst.id)} <span className="quiet">× {whole(worst.n)}</span>
          </span>
        );
      },
    },
    {
      key: 'case',
      head: t.agent.case,
      cell: ({ openCase }) =>
        openCase === null ? null : (
          <Link href={to.case(openCase)} className="link">
            <Stage stage={cases.find(({ caseId }) => caseId === openCase)?.stage ?? 'opened'} />
          </Link>
        ),
    },
  ];
  return (
    <Section title={t.agent.competencies}>
      <DataTable label={t.agent.competencies} rows={rows} columns={columns} keyOf={({ competency }) => competency} />
    </Section>
  );
}

function mostMissed({ results }: CompetencyWindow): { id: string; n: number } | null {
  const counts = new Map<string, number>();
  for (const { failed } of results) for (const id of failed) counts.set(id, (counts.get(id) ?? 0) + 1);
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most ? { id: most[0], n: most[1] } : null;
}

const WIDTH = 190;
const HEIGHT = 30;
const SLOTS = 20;

/** A dot per call, high is good; hollow: something was missed. */
function Trend({ window }: { window: CompetencyWindow }) {
  const { t, score, whole } = useSpeech();
  const shown = window.results.slice(-SLOTS);
  const x = (i: number) => 5 + ((i + SLOTS - shown.length) * (WIDTH - 10)) / (SLOTS - 1);
  const y = (value: number) => HEIGHT - 4 - (value / 100) * (HEIGHT - 8);
  const name = t.agent.trendNames(whole(shown.length), score(meanOf(window) ?? 0));
  return (
    <Tooltip label={name}>
      <svg className={classes.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
        <line x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
        <polyline points={shown.map(({ score: value }, i) => `${x(i)},${y(value)}`).join(' ')} />
        {shown.map(({ callId, score: value, failed }, i) => (
          <circle key={callId} cx={x(i)} cy={y(value)} r="2.7" data-failed={failed.length > 0 || undefined} />
        ))}
      </svg>
    </Tooltip>
  );
}
