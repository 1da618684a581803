/** The calls after each course against those before, and what that says. */

import { BeforeAfter } from '../charts/before-after.tsx';
import { usePlatformNow } from '../data/clock.ts';
import type { CaseView, ReEvaluation } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { StageMark, When } from '../parts/marks.tsx';
import { Empty } from '../parts/states.tsx';
import classes from './case.module.css';

export function Outcome({ found }: { found: CaseView }) {
  const { t } = useSpeech();
  return (
    <Section title={t.case.later} hint={t.case.rulesOfClose}>
      {found.reEvaluations.length === 0 ? <Empty>{t.case.noLater}</Empty> : null}
      <ol className={classes.reviews}>
        {found.reEvaluations.map((review, i) => (
          <ReviewOf
            key={review.assignmentId}
            review={review}
            several={found.reEvaluations.length > 1}
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
}

function ReviewOf({ review, several, explained }: ReviewProps) {
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
                <When at={review.decidedAt} nowMs={now()} />
              </span>
            )}
          </span>
        )}
      </p>
    </li>
  );
}
