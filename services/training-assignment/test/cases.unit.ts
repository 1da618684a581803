import type { TrainingEventData } from '@coachloop/contracts';
import { describe, expect, test } from 'vitest';
import type { Case } from '../src/domain/case.ts';
import { caseIdOfAssignment, strayCaseId } from '../src/domain/cases.ts';
import { caseIdOfReport } from '../src/service.ts';
import {
  CASE,
  COURSES,
  caseAt,
  command,
  completed,
  completion,
  id,
  newCase,
  opened,
  result,
  started,
  timer,
  wake,
  windowOpened,
} from './case-given.ts';
import { AGENT, DAY, HOUR, iso, RULES, T0 } from './given.ts';

const stateOf = (s: { state: unknown }) => s.state as Case;

describe('assignment', () => {
  test('is due by the policy, counted from the assignment', () => {
    const subject = newCase();
    const now = T0 + 3 * DAY;
    const assigned = subject.when(opened(), now).find((e) => e.type === 'training.assigned');
    expect(assigned?.data).toMatchObject({
      assignmentId: id(1),
      attempt: 1,
      assignedAt: iso(now),
      dueAt: iso(now + 7 * DAY),
    });
    expect(subject.wakeAt).toBe(now + 7 * DAY);
  });

  test('takes the next course for each repeat, at most two, then escalates whatever evaluation says', () => {
    const subject = caseAt('none');
    subject.when(opened());
    for (const attempt of [1, 2]) {
      subject.when(completed(attempt));
      subject.when(result('repeated', attempt));
    }
    expect(stateOf(subject).assignments.map((a) => a.course.id)).toEqual(COURSES);
    subject.when(completed(3));
    subject.when(result('repeated', 3));
    expect(stateOf(subject)).toMatchObject({ stage: 'escalated', outcome: 'escalated' });
    expect(stateOf(subject).escalations).toMatchObject([{ reason: 'not-improved' }]);
  });

  test('takes the last course again where the catalogue has no further one', () => {
    const short = structuredClone(RULES.catalogue);
    for (const c of short.competencies) c.courses = c.courses.slice(0, 1);
    const subject = newCase({ ...RULES, catalogue: short });
    subject.when(opened());
    subject.when(completed(1));
    subject.when(result('repeated', 1));
    expect(stateOf(subject).assignments.map((a) => a.course.id)).toEqual([COURSES[0], COURSES[0]]);
  });
});

describe('overdue', () => {
  test('is said at the due date, then two reminders, then the team leader, then the case ends', () => {
    const subject = caseAt('assigned');
    const due = subject.wakeAt ?? 0;
    expect(due).toBe(T0 + 7 * DAY);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      times.push(((subject.wakeAt ?? 0) - due) / DAY);
      wake(subject);
    }
    expect(times).toEqual([0, 2, 4, 6, 20]);
    expect(subject.types()).toEqual([
      'training.overdue',
      'training.reminded',
      'training.reminded',
      'training.escalated',
      'training.case.closed',
      'training.case.stage.changed',
    ]);
    expect(stateOf(subject)).toMatchObject({ stage: 'escalated', outcome: 'escalated' });
    expect(subject.wakeAt).toBeNull();
  });

  test('steps keep their distance after an outage', () => {
    const subject = caseAt('assigned');
    const late = T0 + 100 * DAY;
    const m = { ...started(), kind: 'timer' as const, type: 'timer', time: subject.wakeAt ?? 0 };
    subject.when(m, late);
    expect(subject.types()).toEqual(['training.overdue']);
    expect(subject.wakeAt).toBe(late + 2 * DAY);
  });

  test('a completion after the escalation still counts, and stops the timer', () => {
    const subject = caseAt('assigned');
    wake(subject, 4);
    expect(stateOf(subject).escalations).toMatchObject([{ reason: 'overdue' }]);
    subject.when(completed());
    expect(stateOf(subject).stage).toBe('trained');
    expect(subject.wakeAt).toBeNull();
  });

  test('a timer that was set for an earlier time does nothing', () => {
    const subject = caseAt('assigned');
    const { wakeAt } = subject;
    expect(subject.when(timer((wakeAt ?? 0) - 1), T0 + 100 * DAY)).toEqual([]);
    expect(subject.wakeAt).toBe(wakeAt);
  });

  test('a start does not stop it', () => {
    const subject = caseAt('in-training');
    wake(subject);
    expect(subject.types()).toEqual(['training.overdue']);
  });
});

describe('reports', () => {
  test('the same source id again is a duplicate, whatever else it says', () => {
    const subject = caseAt('assigned');
    subject.when(command(completion(1, true)));
    expect(subject.reply).toMatchObject({ effect: 'accepted', stage: 'trained', assignmentId: id(1) });
    expect(subject.when(command(completion(1, false, { sourceId: 'done-1-true' })))).toEqual([]);
    expect(subject.reply).toMatchObject({ effect: 'duplicate', stage: 'trained' });
  });

  test('another completion after it passed is ignored, and says so', () => {
    const subject = caseAt('trained');
    subject.when(command(completion(1, false, { sourceId: 'later' })));
    expect(subject.reply).toMatchObject({ effect: 'ignored', reason: 'already-completed' });
  });

  test('a completion that tells when it began says both', () => {
    const subject = caseAt('assigned');
    subject.when(completed(1, true, { startedAt: iso(T0 + HOUR) }));
    expect(subject.types().filter((t) => !t.endsWith('changed'))).toEqual(['training.started', 'training.completed']);
    expect(stateOf(subject).history.map((h) => h.to)).toEqual(['opened', 'assigned', 'in-training', 'trained']);
  });

  test('not passed: the same course once more with a new due date, then the team leader', () => {
    const subject = caseAt('in-training');
    subject.when(completed(1, false), T0 + 2 * DAY);
    expect(stateOf(subject)).toMatchObject({ stage: 'assigned', assignments: [{ assignmentId: id(1), retake: 1 }] });
    expect(subject.said.find((e) => e.type === 'training.assigned')?.data).toMatchObject({
      retake: 1,
      dueAt: iso(T0 + 9 * DAY),
    });
    expect(subject.wakeAt).toBe(T0 + 9 * DAY);
    subject.when(completed(1, false, { sourceId: 'second' }), T0 + 3 * DAY);
    expect(stateOf(subject)).toMatchObject({
      stage: 'escalated',
      outcome: 'escalated',
      escalations: [{ reason: 'not-passed' }],
    });
  });

  test('passed at the second try: the case goes on', () => {
    const subject = caseAt('assigned');
    subject.when(completed(1, false));
    subject.when(completed(1, true));
    expect(stateOf(subject).stage).toBe('trained');
    const said = subject.said.at(-2)?.data as TrainingEventData<'training.completed'>;
    expect(said).toMatchObject({ passed: true, caseOpenedAt: iso(T0), form: { id: 'inbound-en', version: 1 } });
  });

  test('a pass and a later fail end the same in whichever order they are told', () => {
    const passed = completed(1, true, { completedAt: iso(T0 + 8 * HOUR) });
    const failed = completed(1, false, { completedAt: iso(T0 + 10 * HOUR) });
    const orders = [
      [passed, failed],
      [failed, passed],
    ];
    for (const order of orders) {
      const subject = caseAt('assigned');
      for (const report of order) subject.when(report, T0 + DAY);
      expect(stateOf(subject)).toMatchObject({
        stage: 'trained',
        assignments: [{ passed: true, completedAt: iso(T0 + 8 * HOUR) }],
      });
    }
  });

  test.each([
    ['another course', { courseId: 'other' }, 'TRAINING_COURSE_DIFFERS'],
    ['another agent', { learner: AGENT.replace('0', '1') }, 'TRAINING_LEARNER_DIFFERS'],
    ['a time before the calls that led to it', { completedAt: iso(T0 - 1) }, 'TRAINING_COMPLETED_TOO_EARLY'],
    ['a time far in the future', { completedAt: iso(T0 + 30 * DAY) }, 'TRAINING_TIME_INVALID'],
    ['an ancient time', { completedAt: '1970-01-01T00:00:00Z' }, 'TRAINING_TIME_INVALID'],
    ['a second that no clock shows', { completedAt: '2026-01-06T23:59:60Z' }, 'TRAINING_TIME_INVALID'],
    ['an attempt that is not there', { assignmentId: id(4) }, 'TRAINING_ASSIGNMENT_UNKNOWN'],
  ])('refuses %s', (_what, wrong, code) => {
    const subject = caseAt('assigned');
    expect(() => subject.when(completed(1, true, wrong))).toThrow(expect.objectContaining({ code }));
  });

  test.each([AGENT, 'a.learner@lms', '0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f'])('takes the learner %s', (learner) => {
    const subject = caseAt('assigned');
    subject.when(completed(1, true, { learner }));
    expect(stateOf(subject).stage).toBe('trained');
  });

  test('a report on an earlier attempt is ignored', () => {
    const subject = caseAt('re-evaluating');
    subject.when(result('repeated'));
    subject.when(started(1, 'late'));
    expect(subject.reply).toMatchObject({ effect: 'ignored', reason: 'assignment-over', stage: 'assigned' });
  });

  test('the second attempt must be finished after the calls that led to it', () => {
    const subject = caseAt('re-evaluating');
    subject.when(result('repeated'));
    const early = completed(2, true, { completedAt: iso(T0 + DAY) });
    expect(() => subject.when(early)).toThrow(expect.objectContaining({ code: 'TRAINING_COMPLETED_TOO_EARLY' }));
  });

  test('a flood of reports stays bounded', () => {
    const subject = caseAt('assigned');
    for (let i = 0; i < 100; i++) subject.when(started(1, `s${i}`));
    expect(stateOf(subject).assignments[0]?.reports).toHaveLength(1);
  });
});

test('the whole chain is in the case', () => {
  const subject = caseAt('re-evaluating');
  subject.when(result('closed'));
  expect(stateOf(subject)).toMatchObject({
    trigger: { rule: 'critical-failure', calls: [{ score: 0 }] },
    assignments: [{ attempt: 1, passed: true, score: 90 }],
    reEvaluations: [
      {
        calls: 3,
        outcome: 'closed',
        before: { n: 2 },
        after: { n: 3 },
        difference: 50,
        interval80: { low: 40, high: 60 },
      },
    ],
    outcome: 'improved',
    closedAt: iso(T0 + DAY + HOUR),
  });
});

test('a case that was held is closed, and not called improved', () => {
  const subject = caseAt('re-evaluating');
  const said = subject.when(result('held'));
  expect(stateOf(subject)).toMatchObject({ stage: 'closed', outcome: 'held', open: false, escalations: [] });
  expect(said.find(({ type }) => type === 'training.case.closed')?.data).toMatchObject({ outcome: 'held' });
});

test('what was learnt is told with the criterion that the case is about, where it is about one', () => {
  const told = (more: object) => {
    const subject = newCase();
    subject.when(opened(more));
    return subject.when(completed()).find(({ type }) => type === 'training.completed')?.data;
  };
  expect(told({ questionId: 'thanks' })).toMatchObject({ questionId: 'thanks' });
  expect(told({})).not.toHaveProperty('questionId');
});

test('a result about an earlier attempt changes nothing', () => {
  const subject = caseAt('re-evaluating');
  subject.when(result('repeated'));
  subject.when(completed(2));
  const { state } = subject;
  expect(subject.when(result('closed', 1))).toEqual([]);
  expect(subject.state).toEqual(state);
});

test('a result whose window was never heard of still ends the case', () => {
  const subject = caseAt('trained');
  subject.when(result('closed'));
  expect(stateOf(subject).reEvaluations).toMatchObject([{ deadlineAt: null, outcome: 'closed' }]);
  expect(subject.when(windowOpened())).toEqual([]);
});

test('reports find their case; those that name none are kept apart, each in a document of its own', () => {
  expect(caseIdOfAssignment(id(1))).toBe(CASE);
  for (const bad of ['', 'x', CASE, `${CASE}.0`, `${CASE}.1.2`, `x${id(1)}`])
    expect(caseIdOfAssignment(bad)).toBeUndefined();
  const event = { source: 'lms', id: '1', data: { assignmentId: 'nonsense' } };
  expect(caseIdOfReport(event)).toBe(strayCaseId('lms', '1'));
  expect(caseIdOfReport({ ...event, data: {} })).not.toBe(caseIdOfReport({ ...event, id: '2' }));
});
