/** The loop: scored → assigned → in training → re-evaluating → closed, with counts and the median time of each step. */
import type { LoopTime, Snapshot } from '@coachloop/contracts';
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { StageMark } from '../parts/marks.tsx';
import { Unknown } from '../parts/states.tsx';
import classes from './loop-strip.module.css';

type StageRow = Snapshot['caseStages'][number];

export function LoopStrip({ snapshot }: { snapshot: Snapshot }) {
  const { t, term, whole } = useSpeech();
  const { loop, figures, outcomes } = snapshot;
  const stage = (name: string): StageRow | undefined => snapshot.caseStages.find((row) => row.stage === name);
  const row = (name: string) => {
    const found = stage(name);
    return {
      href: to.cases(name),
      mark: name,
      label: term('stage', name),
      count: found?.count ?? null,
      total: found?.entered,
    };
  };
  const passing = (name: string) => {
    const count = stage(name)?.count ?? 0;
    return count === 0 ? null : (
      <Link href={to.cases(name)} className="link">
        + {whole(count)} {term('stage', name)}
      </Link>
    );
  };
  return (
    <Section title={t.wall.loop} hint={t.wall.loopHint} aside={<Times loop={loop} />}>
      <ol className={classes.strip}>
        <Step
          label={t.wall.scored}
          mark="scored"
          href={to.agents}
          count={figures.evaluations.value}
          note={t.wall.last24}
        />
        <Arrow time={loop.scoreToAssignment} name={t.wall.toAssignment} />
        <Step {...row('assigned')} note={passing('opened')} />
        <Arrow time={stage('assigned')?.time} name={t.wall.stays} />
        <Step {...row('in-training')} />
        <Arrow time={stage('in-training')?.time} name={t.wall.stays} />
        <Step {...row('re-evaluating')} note={passing('trained')} />
        <Arrow time={stage('re-evaluating')?.time} name={t.wall.stays} />
        <Step
          {...row('closed')}
          count={outcomes.improved === null ? null : outcomes.improved + (outcomes.held ?? 0)}
          total={undefined}
          note={
            outcomes.held
              ? t.wall.closedAs(whole(outcomes.improved ?? 0), whole(outcomes.held))
              : t.terms.outcome.improved
          }
          tone="good"
        />
        <li className={classes.ends}>
          <End mark="repeated" label={t.wall.repeated} count={outcomes.repeated} href={to.cases('re-evaluating')} />
          <End
            mark="escalated"
            label={term('stage', 'escalated')}
            count={outcomes.escalated}
            href={to.cases('escalated')}
          />
          <End
            mark="insufficient-evidence"
            label={term('stage', 'insufficient-evidence')}
            count={outcomes.insufficientEvidence}
            href={to.cases('insufficient-evidence')}
          />
        </li>
      </ol>
    </Section>
  );
}

interface StepProps {
  readonly label: string;
  readonly mark: string;
  readonly href: string;
  readonly count: number | null;
  readonly total?: number | null | undefined;
  readonly note?: ReactNode;
  readonly tone?: 'good';
}

function Step({ label, mark, href, count, total, note, tone }: StepProps) {
  const { t, whole } = useSpeech();
  return (
    <li className={classes.step} data-tone={tone}>
      <Link href={href} className={classes.stepLink}>
        <span className={classes.label}>
          {mark === 'scored' ? <ScoredMark /> : <StageMark stage={mark} />}
          {label}
        </span>
        <span className={classes.count}>{count === null ? <Unknown /> : whole(count)}</span>
      </Link>
      <span className={classes.note}>
        {note ?? (total === undefined || total === null ? t.wall.nowCount : t.wall.inTotal(whole(total)))}
      </span>
    </li>
  );
}

const ScoredMark = () => (
  <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" className={classes.scoredMark}>
    <path d="M2 14V8h3v6zM6.5 14V2h3v12zM11 14V5.5h3V14z" fill="currentColor" />
  </svg>
);

function Arrow({ time, name }: { time: LoopTime | undefined; name: string }) {
  return (
    <li className={classes.arrow}>
      <Timed time={time} />
      <span className={classes.line} aria-hidden="true" />
      <span className={classes.arrowName}>{name}</span>
    </li>
  );
}

/** A median; how sure it is when pointed at. */
function Timed({ time }: { time: LoopTime | undefined }) {
  const { t, duration, whole } = useSpeech();
  if (!time || time.p50 === null) return <Unknown />;
  const exact = t.wall.median(duration(time.p50 * 1000), duration((time.p90 ?? time.p50) * 1000), whole(time.n));
  return (
    <Tooltip label={exact}>
      <span className={classes.time}>≈ {duration(time.p50 * 1000)}</span>
    </Tooltip>
  );
}

/** Those that span more than one step. */
function Times({ loop }: { loop: Snapshot['loop'] }) {
  const { t } = useSpeech();
  const times = [
    [t.wall.toScore, loop.callToScore],
    [t.wall.toCompletion, loop.assignmentToCompletion],
    [t.wall.toOutcome, loop.callToOutcome],
  ] as const;
  return (
    <span className={classes.times}>
      {times.map(([name, time]) => (
        <span key={name} className="nowrap">
          {name} <Timed time={time} />
        </span>
      ))}
    </span>
  );
}

function End({ mark, label, count, href }: { mark: string; label: string; count: number | null; href: string }) {
  const { whole } = useSpeech();
  return (
    <Link href={href} className={classes.end}>
      <StageMark stage={mark} />
      <span className="ellipsis">{label}</span>
      <b>{count === null ? <Unknown /> : whole(count)}</b>
    </Link>
  );
}
