/** The calls after each course against those before, and what that says. */

import { Link } from 'wouter';
import { to } from '../address.ts';
import { BeforeAfter } from '../charts/before-after.tsx';
import { usePlatformNow } from '../data/clock.ts';
import type { CaseView, ReEvaluation } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { StageMark, When } from '../parts/marks.tsx';
import { Empty } from '../parts/states.tsx';
import classes from './case.module.css';

export function Outcome({ found }: { found: CaseView }) {
  const { t, whole } = useSpeech();
  return (
    <Section title={t.case.later} hint={t.case.rulesOfClose}>
      {found.reEvaluations.length === 0 ? <Empty>{t.case.noLater}</Empty> : null}
      <ol className={classes.reviews}>
        {found.reEvaluations.map((review, i) => (
          <ReviewOf
            key={review.assignmentId}
            review={review}
            several={found.reEvaluations.length > 1}
            form={t.case.form(found.form.id, whole(found.form.version))}
            explained={i === 0}
          />
        ))}
      </ol>
    </Section>
  );
}

interface ReviewProps {
  readonly review: ReEvaluation;
  readonly several: boolean;
  readonly explained: boolean;
  readonly form: string;
}

function ReviewOf({ review, several, explained, form }: ReviewProps) {
  const { t, term, whole } = useSpeech();
  const now = usePlatformNow();
  const { outcome } = review;
  return (
    <li>
      {several ? <p className={classes.reviewName}>{t.case.course(whole(review.attempt))}</p> : null}
      <BeforeAfter review={review} explained={explained} />
      <p className={classes.verdict}>
        <StageMark stage={outcome ?? 're-evaluating'} />
        {outcome === null ? (
          <span>
            {t.case.waitsFor(whole(review.after?.n ?? 0), whole(review.calls ?? 3))}{' '}
            {review.deadlineAt === null ? null : (
              <span className="quiet">
                {t.case.due} <When at={review.deadlineAt} nowMs={now()} />
              </span>
            )}
          </span>
        ) : (
          <span>
            <strong>{term('outcome', outcome)}</strong>{' '}
            {review.decidedAt === null ? null : (
              <span className="quiet">
                {outcome === 'insufficient-evidence' ? null : `${t.case.lastCall} `}
                <When at={review.decidedAt} nowMs={now()} />
              </span>
            )}
          </span>
        )}
      </p>
      <Compared review={review} form={form} />
    </li>
  );
}

/** Which calls stand before, and which after: each opens. */
function Compared({ review: { before, after }, form }: { review: ReEvaluation; form: string }) {
  const { t, whole } = useSpeech();
  return (
    <details className={classes.compared}>
      <summary>{t.case.compared(whole(before.n), whole(after?.n ?? 0))}</summary>
      <p className="small quiet">{t.case.beforeMeans(form)}</p>
      <div className={classes.comparedLists}>
        <CallList name={t.case.before} calls={before.calls} />
        <CallList name={t.case.after} calls={after?.calls ?? []} />
      </div>
    </details>
  );
}

function CallList({ name, calls }: { name: string; calls: ReEvaluation['before']['calls'] }) {
  const { t, score } = useSpeech();
  const now = usePlatformNow();
  return (
    <div>
      <h3>{name}</h3>
      <ol>
        {calls.toReversed().map((call) => (
          <li key={call.evaluationId}>
            <Link href={to.call(call.callId)} className="link">
              <When at={call.endedAt} nowMs={now()} />
            </Link>{' '}
            {score(call.score)}
            {call.failedCritically ? <span className="quiet small"> {t.case.failedCritically}</span> : null}
          </li>
        ))}
      </ol>
    </div>
  );
}
