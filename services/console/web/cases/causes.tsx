/** The calls that led to the case: which criteria were missed, and the proof. */
import type { TriggerCall } from '@coachloop/contracts';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import type { CaseView } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Verdict, When } from '../parts/marks.tsx';
import { useQuestionName } from '../parts/names.tsx';
import classes from './case.module.css';

export function Causes({ found: { trigger } }: { found: CaseView }) {
  const { t, term, score, scoreBeside, whole } = useSpeech();
  const { observed, threshold } = trigger;
  const measured = trigger.rule.startsWith('low-')
    ? t.case.ruleMeasured(scoreBeside(observed, threshold), score(threshold))
    : t.case.ruleMeasured(whole(observed), whole(threshold));
  const rule = `${term('rule', trigger.rule)}${t.mark.colon}${measured}`;
  return (
    <Section title={t.case.calls} hint={`${rule} · ${t.case.policy(whole(trigger.policyVersion))}`}>
      <ol className={classes.calls}>
        {trigger.calls.map((call) => (
          <CauseCall key={call.evaluationId} call={call} about={trigger.questionId} />
        ))}
      </ol>
    </Section>
  );
}

function CauseCall({ call, about }: { call: TriggerCall; about: string | undefined }) {
  const { t, score } = useSpeech();
  const now = usePlatformNow();
  const missed = call.questions.filter(({ value }) => value === 'no');
  // What the rule is about comes first.
  const shown = missed.toSorted((a, b) => Number(b.questionId === about) - Number(a.questionId === about));
  return (
    <li className={classes.call}>
      <div className={classes.callHead}>
        <Link href={to.call(call.callId, about ?? shown[0]?.questionId)} className="link">
          <When at={call.callEndedAt} nowMs={now()} />
        </Link>
        <span className="small quiet">{call.score === null ? null : t.case.callScore(score(call.score))}</span>
      </div>
      {shown.map(({ questionId, evidence }) => (
        <Missed
          key={questionId}
          callId={call.callId}
          questionId={questionId}
          evidence={evidence}
          strong={questionId === about}
        />
      ))}
    </li>
  );
}

interface MissedProps {
  readonly callId: string;
  readonly questionId: string;
  readonly evidence: TriggerCall['questions'][number]['evidence'];
  readonly strong: boolean;
}

function Missed({ callId, questionId, evidence, strong }: MissedProps) {
  const { duration, t } = useSpeech();
  const name = useQuestionName()(questionId);
  return (
    <div className={classes.missed} data-strong={strong || undefined}>
      <div className={classes.missedHead}>
        <Link href={to.call(callId, questionId)} className="link">
          {name}
        </Link>
        <Verdict value="no" />
      </div>
      {evidence.length > 0 ? (
        <ul aria-label={t.case.evidence}>
          {evidence.map(({ segment, startMs, text }) => (
            <li key={`${segment}-${startMs}-${text}`} className={classes.quote}>
              {startMs === undefined ? null : <span className={classes.quoteAt}>{duration(startMs)}</span>}
              {segment === undefined ? text : <q>{text}</q>}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
