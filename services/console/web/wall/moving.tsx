/** The cases that moved last, those that the page saw move among them. */
import { useMemo } from 'react';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useLive } from '../data/live.ts';
import { useCases } from '../data/queries.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Stage, When } from '../parts/marks.tsx';
import { useAgentName } from '../parts/names.tsx';
import { Empty } from '../parts/states.tsx';
import { movesOf, SHOWN_MAX } from './moves.ts';
import classes from './panels.module.css';
import { usePaused } from './paused.ts';

export function Moving() {
  const { t, term } = useSpeech();
  const events = useLive((live) => live.loopEvents);
  const { data } = useCases({ order: 'moved' }, SHOWN_MAX);
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
              <span className={classes.at}>
                <When at={move.at} nowMs={now()} />
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </Section>
  );
}
