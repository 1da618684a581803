/** Stages, scores and answers: always a shape and a word or number, never colour alone; the same everywhere. */
import type { CaseStage } from '@coachloop/contracts';
import type { CSSProperties, ReactNode } from 'react';
import { useSpeech } from '../i18n/index.tsx';
import classes from './parts.module.css';
import { Unknown } from './states.tsx';

/** In this order everywhere; the contracts hold the same list, with code that a browser has no use for. */
export const STAGES = [
  'opened',
  'assigned',
  'in-training',
  'trained',
  're-evaluating',
  'closed',
  'escalated',
  'insufficient-evidence',
  'withdrawn',
] as const satisfies readonly CaseStage[];

/** How far the pie is filled; open stages fill up, ends have a shape of their own. */
const FILL: Readonly<Record<string, number>> = { opened: 0, assigned: 0.25, 'in-training': 0.5, trained: 0.75 };
const TONE: Readonly<Record<string, string>> = {
  closed: 'good',
  held: 'good',
  escalated: 'bad',
  'insufficient-evidence': 'idle',
  withdrawn: 'idle',
};

export function StageMark({ stage }: { stage: string }) {
  return (
    <svg viewBox="0 0 16 16" className={classes.mark} data-tone={TONE[stage]} aria-hidden="true">
      {shapeOf(stage)}
    </svg>
  );
}

function shapeOf(stage: string): ReactNode {
  const ring = <circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" strokeWidth="1.8" />;
  const fill = FILL[stage];
  if (fill !== undefined)
    return (
      <>
        {ring}
        {fill > 0 ? <path d={sector(fill)} fill="currentColor" /> : null}
      </>
    );
  switch (stage) {
    case 're-evaluating':
      return (
        <>
          {ring}
          <circle cx="8" cy="8" r="2.6" fill="currentColor" />
        </>
      );
    case 'closed':
    case 'held':
      return (
        <>
          <circle cx="8" cy="8" r="7.3" fill="currentColor" />
          <path d="m4.6 8.3 2.4 2.4 4.5-5" fill="none" stroke="var(--ground)" strokeWidth="1.9" />
        </>
      );
    case 'escalated':
      return <path d="M8 1.4 15.2 14H.8z" fill="currentColor" />;
    case 'repeated':
      return (
        <path
          d="M13 5.2A6 6 0 1 0 14 9M13.6 1.6v4H9.8"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.9"
          strokeLinecap="round"
        />
      );
    case 'insufficient-evidence':
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" strokeWidth="1.8" strokeDasharray="2.6 2.4" />
          <circle cx="8" cy="8" r="1.4" fill="currentColor" />
        </>
      );
    default:
      return <path d="m3 3 10 10M13 3 3 13" stroke="currentColor" strokeWidth="2" />;
  }
}

function sector(share: number): string {
  const angle = share * 2 * Math.PI;
  const x = 8 + 4.4 * Math.sin(angle);
  const y = 8 - 4.4 * Math.cos(angle);
  return `M8 8V3.6A4.4 4.4 0 ${share > 0.5 ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}Z`;
}

export function Stage({ stage, label }: { stage: string; label?: string }) {
  const { term } = useSpeech();
  return (
    <span className={classes.stage}>
      <StageMark stage={stage} />
      {label ?? term('stage', stage)}
    </span>
  );
}

/** A score of 0–100. A diamond: below the pass mark (or failed outright); a dot: passed. */
export function Score({ value, passed }: { value: number | null; passed?: boolean | null | undefined }) {
  const { score } = useSpeech();
  if (value === null) return <Unknown />;
  const band = passed === undefined || passed === null ? 'none' : passed ? 'pass' : 'fail';
  return (
    <span className={classes.score} data-band={band}>
      <span className={classes.scoreMark} aria-hidden="true" />
      {score(value)}
    </span>
  );
}

/** A mean: its number, and how far it fills the scale. */
export function ScoreBar({ value }: { value: number | null }) {
  const { score } = useSpeech();
  if (value === null) return <Unknown />;
  return (
    <span className={classes.scoreBar}>
      {score(value)}
      <span aria-hidden="true" style={{ '--filled': `${value}%` } as CSSProperties} />
    </span>
  );
}

const SIGNS: Readonly<Record<string, string>> = { yes: '✓', no: '✕', na: '–' };

export function Verdict({ value }: { value: 'yes' | 'no' | 'na' }) {
  const { term } = useSpeech();
  return (
    <span className={classes.verdict} data-value={value}>
      <span aria-hidden="true">{SIGNS[value]}</span>
      {term('answer', value)}
    </span>
  );
}

export const Tag = ({ children, tone }: { children: ReactNode; tone?: 'bad' }) => (
  <span className={classes.tag} data-tone={tone}>
    {children}
  </span>
);

/** A moment, short; exact, with its zone, when pointed at. A plain title, since lists hold hundreds of them. */
export function When({ at, nowMs }: { at: string | number; nowMs: number }) {
  const { moment } = useSpeech();
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={moment.exact(ms)} className="nowrap">
      {moment.short(ms, nowMs)}
    </time>
  );
}
