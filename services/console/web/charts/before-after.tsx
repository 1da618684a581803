/** Each call as a dot, before and after the course; below it the difference with its 80 % interval. */
import type { Sample } from '@coachloop/contracts';
import { Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import { to } from '../address.ts';
import type { ReEvaluation } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Unknown } from '../parts/states.tsx';
import classes from './before-after.module.css';

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export function BeforeAfter({ review, explained }: { review: ReEvaluation; explained: boolean }) {
  const { t, score } = useSpeech();
  const { before, after, passMark } = review;
  const name = t.case.plotName(
    before.mean === null ? '–' : score(before.mean),
    after?.mean == null ? '–' : score(after.mean),
  );
  return (
    <figure className={classes.plot} aria-label={name}>
      <Row label={t.case.before} sample={before} passMark={passMark} />
      <Row label={t.case.after} sample={after} passMark={passMark} tone="after" />
      <div className={classes.axis} aria-hidden="true">
        {[0, 25, 50, 75, 100].map((tick) => (
          <span key={tick} style={{ left: `${tick}%` }}>
            {score(tick)}
          </span>
        ))}
      </div>
      <Difference review={review} />
      {explained ? <figcaption className="small quiet">{t.case.plotHint}</figcaption> : null}
    </figure>
  );
}

interface RowProps {
  readonly label: string;
  readonly sample: Sample | null;
  readonly passMark: number | null;
  readonly tone?: 'after';
}

function Row({ label, sample, passMark, tone }: RowProps) {
  const { t, score, whole, moment } = useSpeech();
  const mean = sample?.mean ?? null;
  return (
    <div className={classes.row} data-tone={tone}>
      <span className={classes.label}>
        {label} <span className="quiet">{t.figures.n(whole(sample?.n ?? 0))}</span>
      </span>
      <div className={classes.track}>
        {passMark === null ? null : (
          <Tooltip label={t.case.passMark(score(passMark))}>
            <span className={classes.pass} style={{ left: `${passMark}%` }} />
          </Tooltip>
        )}
        {spread(sample?.calls ?? []).map(({ callId, endedAt, score: value, place }) => (
          <Tooltip key={callId} label={`${score(value)} · ${moment.exact(Date.parse(endedAt))}`}>
            <Link
              href={to.call(callId)}
              aria-label={score(value)}
              className={classes.dot}
              style={{ left: `${clamp(value, 0, 100)}%`, top: `${50 + 100 * place}%` }}
            />
          </Tooltip>
        ))}
        {mean === null ? null : <span className={classes.mean} style={{ left: `${mean}%` }} />}
      </div>
      <span className={classes.value}>{mean === null ? <Unknown /> : score(mean)}</span>
    </div>
  );
}

const COLUMN_POINTS = 3;
const STEP_MAX = 0.2;
const HEIGHT = 0.84;

/** Calls of nearly one score stand above each other, evenly about the middle; `place` is from −0.5 to 0.5. */
function spread(calls: Sample['calls']) {
  const columns = Map.groupBy(calls, ({ score }) => Math.round(score / COLUMN_POINTS));
  return [...columns.values()].flatMap((column) => {
    const step = Math.min(STEP_MAX, HEIGHT / column.length);
    return column.map((call, i) => ({ ...call, place: (i - (column.length - 1) / 2) * step }));
  });
}

/** On a scale of its own, 0 in the middle. What is open to one side runs to the edge. */
function Difference({ review: { difference, interval80 } }: { review: ReEvaluation }) {
  const { t, signed } = useSpeech();
  if (difference === null) return null;
  const place = (value: number) => 50 + clamp(value, -100, 100) / 2;
  const low = interval80?.low ?? null;
  const high = interval80?.high ?? null;
  const left = place(low ?? -100);
  const right = place(high ?? 100);
  const sure = low !== null && low > 0;
  const words = interval80
    ? t.case.interval(low === null ? '−∞' : signed(low), high === null ? '∞' : signed(high))
    : null;
  return (
    <div className={`${classes.row} ${classes.difference}`} data-sure={sure || undefined}>
      <span className={classes.label}>{t.case.difference}</span>
      <div className={classes.track}>
        <span className={classes.zero} />
        {interval80 ? (
          <span className={classes.interval} style={{ left: `${left}%`, width: `${right - left}%` }} />
        ) : null}
        <span className={classes.point} style={{ left: `${place(difference)}%` }} />
      </div>
      <span className={classes.value}>{signed(difference)}</span>
      <div className={classes.axis} aria-hidden="true">
        {[-100, -50, 0, 50, 100].map((tick) => (
          <span key={tick} style={{ left: `${place(tick)}%` }}>
            {tick === 0 ? '0' : signed(tick)}
          </span>
        ))}
      </div>
      {words === null ? null : <span className={classes.words}>{words}</span>}
    </div>
  );
}
