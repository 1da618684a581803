/** The cases that moved last: first what the page saw move, then the newest others. */
import type { FeedItem } from '@coachloop/contracts';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useLive } from '../data/live.ts';
import { useCases } from '../data/queries.ts';
import type { CaseSummary } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Stage, When } from '../parts/marks.tsx';
import { useAgentName } from '../parts/names.tsx';
import { Empty } from '../parts/states.tsx';
import classes from './panels.module.css';
import { usePaused } from './paused.ts';

const SHOWN_MAX = 10;

interface Move {
  readonly caseId: string;
  readonly agentId: string;
  readonly agentName?: string;
  readonly competency: string;
  readonly stage: string;
  /** Null: it moved before the page was opened. */
  readonly at: string | null;
}

export function Moving() {
  const { t, term } = useSpeech();
  const events = useLive((live) => live.loopEvents);
  const { data } = useCases({}, SHOWN_MAX);
  const now = usePlatformNow();
  const agentName = useAgentName();
  const latest = useMemo(() => movesOf(events, data?.pages[0]?.items ?? []), [events, data]);
  const { shown, pause } = usePaused(latest);
  return (
    <Section title={t.wall.moving} className={classes.panel}>
      {shown.length === 0 ? <Empty>{t.wall.movingEmpty}</Empty> : null}
      <ol className={classes.scroll} {...pause}>
        {shown.map((move) => (
          <li key={move.caseId}>
            <Link href={to.case(move.caseId)} className={classes.move}>
              <Stage stage={move.stage} />
              <span className="ellipsis">
                {agentName(move)} · <span className="quiet">{term('competency', move.competency)}</span>
              </span>
              <span className={classes.at}>{move.at === null ? null : <When at={move.at} nowMs={now()} />}</span>
            </Link>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function movesOf(events: readonly FeedItem[], cases: readonly CaseSummary[]): readonly Move[] {
  const moves = new Map<string, Move>();
  for (const { type, caseId, agentId, agentName, competency, stage, at } of events)
    if (type === 'training.case.stage.changed' && caseId && agentId && competency && stage && !moves.has(caseId))
      moves.set(caseId, { caseId, agentId, competency, stage, at, ...(agentName === undefined ? {} : { agentName }) });
  for (const found of cases) if (!moves.has(found.caseId)) moves.set(found.caseId, { ...found, at: found.closedAt });
  return [...moves.values()].slice(0, SHOWN_MAX);
}
