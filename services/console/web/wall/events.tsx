/** The newest events. While somebody looks at the list it stands still; new rows wait behind a button. */
import type { FeedItem } from '@coachloop/contracts';
import { SegmentedControl, UnstyledButton } from '@mantine/core';
import { memo, useMemo } from 'react';
import { Link } from 'wouter';
import { to, useParameter } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useLive } from '../data/live.ts';
import type { Outage } from '../data/types.ts';
import { outageIn, useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Score, When } from '../parts/marks.tsx';
import { useAgentName } from '../parts/names.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import classes from './panels.module.css';
import { usePaused } from './paused.ts';

const SHOWN_MAX = 60;
const HOUR_MS = 3_600_000;
/** Each of these comes with another event that says the same. */
const IN_OTHER_WORDS: ReadonlySet<string> = new Set(['training.case.stage.changed', 'evaluation.window.opened']);

export function Events() {
  const { t, whole } = useSpeech();
  const [which, setWhich] = useParameter('events');
  const all = which === 'all';
  const events = useLive((live) => (all ? live.events : live.loopEvents));
  const skipped = useLive((live) => live.skipped);
  const fed = useLive((live) => live.fed);
  const outages = useLive((live) => live.outages);
  const told = useMemo(() => (all ? events : events.filter(({ type }) => !IN_OTHER_WORDS.has(type))), [all, events]);
  const { shown, pause, paused, resume } = usePaused(told);
  const newest = shown[0];
  const waiting = newest ? told.findIndex(({ id }) => id === newest.id) : 0;
  const now = usePlatformNow();
  // By the hour, so that a row is drawn again only when its day may have changed.
  const nowMs = Math.floor(now() / HOUR_MS) * HOUR_MS;
  const news = paused && waiting !== 0;
  return (
    <Section
      title={t.wall.events}
      className={`${classes.panel} ${classes.events}`}
      aside={
        <span className={classes.eventTools}>
          <UnstyledButton className={classes.new} data-shown={news || undefined} onClick={resume} disabled={!news}>
            {news ? t.wall.newEvents(waiting < 0 ? `${whole(told.length)}+` : whole(waiting)) : ''}
          </UnstyledButton>
          <SegmentedControl
            size="xs"
            aria-label={t.wall.events}
            value={all ? 'all' : 'loop'}
            onChange={(value) => setWhich(value === 'all' ? 'all' : null)}
            data={[
              { value: 'loop', label: t.wall.eventsOfLoop },
              { value: 'all', label: t.wall.eventsAll },
            ]}
          />
        </span>
      }
    >
      {shown.length > 0 ? null : <None fed={fed} outages={outages} />}
      <ol className={classes.scroll} {...pause}>
        {shown.slice(0, SHOWN_MAX).map((item) => (
          <EventRow key={item.id} item={item} nowMs={nowMs} />
        ))}
      </ol>
      {skipped > 0 ? <p className="quiet small">{t.app.skipped(whole(skipped))}</p> : null}
    </Section>
  );
}

function None({ fed, outages }: { fed: boolean; outages: readonly Outage[] }) {
  const { t } = useSpeech();
  if (outages.length > 0) return <Empty>{t.outage.waits(outageIn(t, outages))}</Empty>;
  return fed ? <Empty>{t.state.empty}</Empty> : <Loading />;
}

const EventRow = memo(function EventRow({ item, nowMs }: { item: FeedItem; nowMs: number }) {
  const { term } = useSpeech();
  const agentName = useAgentName();
  const href = addressOf(item);
  const inside = (
    <>
      <span className={classes.at}>
        <When at={item.at} nowMs={nowMs} />
      </span>
      <span className="nowrap">{term('event', item.type)}</span>
      <span className="ellipsis quiet">
        {[item.agentId && agentName(item), detailOf(item, term)].filter(Boolean).join(' · ')}
      </span>
      {item.score === undefined || !item.type.startsWith('qa.') ? null : (
        <Score value={item.score} passed={item.passed} />
      )}
    </>
  );
  return (
    <li>
      {href === null ? (
        <span className={classes.event}>{inside}</span>
      ) : (
        <Link href={href} className={classes.event}>
          {inside}
        </Link>
      )}
    </li>
  );
});

const addressOf = ({ caseId, callId, agentId }: FeedItem): string | null => {
  if (caseId !== undefined) return to.case(caseId);
  if (callId !== undefined) return to.call(callId);
  return agentId === undefined ? null : to.agent(agentId);
};

function detailOf(item: FeedItem, term: ReturnType<typeof useSpeech>['term']): string | undefined {
  if (item.outcome !== undefined) return term('outcome', item.outcome);
  if (item.type === 'training.case.stage.changed' && item.stage !== undefined) return `→ ${term('stage', item.stage)}`;
  if (item.competency !== undefined) return term('competency', item.competency);
  return item.queue;
}
