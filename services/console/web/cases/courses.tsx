import { usePlatformNow } from '../data/clock.ts';
import type { Assignment, CaseView } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Tag, When } from '../parts/marks.tsx';
import { Empty } from '../parts/states.tsx';
import classes from './case.module.css';

export function Courses({ found }: { found: CaseView }) {
  const { t, term } = useSpeech();
  const now = usePlatformNow();
  return (
    <Section title={t.case.courses}>
      {found.assignments.length === 0 ? <Empty>{t.state.empty}</Empty> : null}
      <ol className={classes.courses}>
        {found.assignments.map((assignment) => (
          <CourseOf key={assignment.assignmentId} assignment={assignment} />
        ))}
      </ol>
      {found.escalations.map(({ reason, at }) => (
        <p key={`${reason}-${at}`}>
          <Tag tone="bad">{t.case.escalations}</Tag> {term('escalation', reason)} · <When at={at} nowMs={now()} />
        </p>
      ))}
    </Section>
  );
}

function CourseOf({ assignment }: { assignment: Assignment }) {
  const { t, language, whole, score } = useSpeech();
  const now = usePlatformNow();
  const { course } = assignment;
  const steps = [
    [t.case.assigned, assignment.assignedAt],
    [t.case.due, assignment.completedAt === null ? assignment.dueAt : null],
    [t.case.started, assignment.startedAt],
    [t.case.completed, assignment.completedAt],
  ] as const;
  return (
    <li className={classes.course}>
      <p className={classes.courseTitle}>
        {(language === 'zh' ? course.titleZh : undefined) ?? course.title}{' '}
        <span className="quiet small">{t.case.minutes(whole(course.minutes))}</span>
      </p>
      <dl className={classes.steps}>
        {steps.map(([label, at]) =>
          at === null ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <When at={at} nowMs={now()} />
              </dd>
            </div>
          ),
        )}
      </dl>
      <p className="small">
        {assignment.passed === null ? null : assignment.passed ? `✓ ${t.case.passed}` : `✕ ${t.case.failed}`}
        {assignment.score === null ? null : ` · ${t.case.testScore(score(assignment.score))}`}
        {assignment.retake > 0 ? ` · ${t.case.retakes(whole(assignment.retake))}` : null}{' '}
        {assignment.overdueSteps > 0 ? <Tag tone="bad">{t.case.overdue}</Tag> : null}
      </p>
    </li>
  );
}
