/** What is true of the whole page: demo data, the connection, what does not answer, messages that were refused. */
import type { HealthFigures } from '@coachloop/contracts';
import { Popover, Tooltip, UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { usePlatformNow } from '../data/clock.ts';
import { useLive } from '../data/live.ts';
import { useDemo } from '../data/queries.ts';
import { outageIn, useSpeech } from '../i18n/index.tsx';
import { STALL_MS_MIN } from '../wall/headline.ts';
import classes from './frame.module.css';

const DEMO_TICK_MS = 500;
/** A pace below this share of its speed is told. */
const WAITS_BELOW = 0.8;
/** So long without any event is worth a word, even at night. */
const STALE_MS_MIN = 10 * 60_000;

export function DemoLabel() {
  const { t, whole, moment } = useSpeech();
  const { data: demo } = useDemo();
  const now = usePlatformNow();
  const [shownMs, setShownMs] = useState(now);
  useEffect(() => {
    if (!demo) return;
    const timer = setInterval(() => setShownMs(now()), DEMO_TICK_MS);
    return () => clearInterval(timer);
  }, [demo, now]);
  if (!demo) return null;
  return (
    <Tooltip label={t.demo.hint} multiline w={280} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its explanation must be reachable by keyboard */}
      <span className={classes.demo} tabIndex={0}>
        {demo.pace < demo.speed * WAITS_BELOW
          ? t.demo.waits(whole(demo.pace), whole(demo.speed))
          : t.demo.label(whole(demo.speed))}
        <time className={classes.demoTime}>
          {moment.day(shownMs)} {moment.clock(shownMs)}
        </time>
      </span>
    </Tooltip>
  );
}

export function ConnectionNote() {
  const { t, moment } = useSpeech();
  const status = useLive((live) => live.status);
  const lostAtMs = useLive((live) => live.lostAtMs);
  const newsAtMs = useLive((live) => live.newsAtMs);
  const stale = useIsOlder(newsAtMs, STALE_MS_MIN);
  const outage = useLive((live) => live.outages.length > 0);
  const shown = useLive((live) => live.snapshot !== null);
  const said = () => {
    if (status === 'connecting' || (outage && !shown)) return t.connection.connecting; // the outage is why
    if (status === 'lost') return t.connection.lost(moment.clock(lostAtMs ?? newsAtMs));
    if (outage) return t.connection.outage;
    return stale ? t.connection.stale(moment.clock(newsAtMs)) : t.connection.live;
  };
  return (
    <span role="status" className={classes.connection} data-status={outage && status === 'live' ? 'outage' : status}>
      <span className={classes.dot} aria-hidden="true" />
      {said()}
    </span>
  );
}

function useIsOlder(atMs: number, thanMs: number): boolean {
  const [older, setOlder] = useState(false);
  useEffect(() => {
    setOlder(false);
    const timer = setTimeout(() => setOlder(true), Math.max(0, atMs + thanMs - Date.now()));
    return () => clearTimeout(timer);
  }, [atMs, thanMs]);
  return older;
}

/** Nothing while there is nothing to do. */
export function Troubles() {
  const { t, whole, duration } = useSpeech();
  const outages = useLive((live) => live.outages);
  const outage = outages.length > 0 ? outageIn(t, outages) : null;
  const said = ({ service, ms, away }: HealthFigures['stalled'][number]) =>
    (away ? t.deadLetters.away : t.deadLetters.stalled)(service, duration(ms));
  const health = useLive((live) => live.snapshot?.health ?? null);
  const open = health?.deadLettersOpen ?? 0;
  const stalled = (health?.stalled ?? []).filter(({ ms }) => ms >= STALL_MS_MIN);
  if (open === 0 && stalled.length === 0 && outage === null) return null;
  return (
    <Popover width={340} shadow="md" withArrow>
      <Popover.Target>
        <UnstyledButton className={classes.trouble}>
          ▲ {outage ?? (stalled[0] ? said(stalled[0]) : t.deadLetters.open(whole(open), open === 1))}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className="small">
        {outage === null ? null : (
          <p>
            {outage}
            {t.mark.stop}
            {t.outage.hint} <code>./coachloop doctor</code>
          </p>
        )}
        {stalled.map((one) => (
          <p key={one.service}>
            {said(one)}
            {one.reason === null ? null : `${t.mark.colon}${one.reason}`}
          </p>
        ))}
        {open > 0 ? (
          <p>
            {t.deadLetters.open(whole(open), open === 1)}. {t.deadLetters.hint}{' '}
            <code>./coachloop dead-letters list</code>
          </p>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
