/** A case brought to each stage by real messages. */
import type { CompletionReport, Message, ReEvaluationResult, Sample, TrainingEventData } from '@coachloop/contracts';
import { type CaseState, unknownCase } from '../src/domain/case.ts';
import { CASE_COMMANDS, handleCase } from '../src/domain/cases.ts';
import type { Rules } from '../src/domain/triggers.ts';
import { AGENT, DAY, HOUR, iso, message, RULES, Subject, T0, uuid } from './given.ts';

export const CASE = uuid(77);
export const C = 'service-attitude';
export const COURSES = ['service-attitude-theory', 'service-attitude-cases', 'service-attitude-practice'] as const;

export const newCase = (rules: Rules = RULES) => new Subject<CaseState>(unknownCase(CASE), handleCase(rules));
export type CaseSubject = ReturnType<typeof newCase>;

const who = { caseId: CASE, agentId: AGENT, agentName: 'Demo 7', competency: C };
const form = { id: 'inbound-en', version: 1 };

const openedData: TrainingEventData<'training.case.opened'> = {
  ...who,
  openedAt: iso(T0),
  trigger: {
    rule: 'critical-failure',
    observed: 1,
    threshold: 1,
    policyVersion: 1,
    calls: [{ callId: uuid(1), evaluationId: uuid(1001), callEndedAt: iso(T0), score: 0, questions: [] }],
  },
  form,
};
export const opened = (trigger: Partial<typeof openedData.trigger> = {}): Message =>
  message('training.case.opened', { ...openedData, trigger: { ...openedData.trigger, ...trigger } }, T0);

/** Evaluation n was none of this agent. */
export const causeWithdrawn = (n = 1001): Message =>
  message('training.case.cause.withdrawn', {
    ...who,
    evaluationId: uuid(n),
    callId: uuid(n - 1000),
    reason: 'call-moved',
    at: iso(T0),
  });

export const id = (attempt: number) => `${CASE}.${attempt}`;
export const started = (attempt = 1, sourceId = `start-${attempt}`, at = T0 + HOUR): Message =>
  message('training.start.reported', { assignmentId: id(attempt), startedAt: iso(at), sourceId }, at);

export const completion = (
  attempt: number,
  passed: boolean,
  more: Partial<CompletionReport> = {},
): CompletionReport => ({
  assignmentId: id(attempt),
  courseId: COURSES[Math.min(attempt, 3) - 1] ?? '',
  completedAt: iso(T0 + attempt * DAY),
  passed,
  score: passed ? 90 : 40,
  sourceId: `done-${attempt}-${passed}`,
  ...more,
});
export const completed = (attempt = 1, passed = true, more: Partial<CompletionReport> = {}): Message =>
  message('training.completion.reported', completion(attempt, passed, more), T0 + attempt * DAY);
export const command = (report: CompletionReport): Message =>
  message(CASE_COMMANDS.complete, report, T0 + DAY, 'command');

const empty: Sample = { n: 0, mean: null, sd: null, calls: [] };
const before: Sample = { n: 2, mean: 40, sd: 10, calls: [] };

export const windowOpened = (attempt = 1): Message =>
  message(
    'evaluation.window.opened',
    {
      ...who,
      assignmentId: id(attempt),
      attempt,
      form,
      calls: 3,
      after: iso(T0 + attempt * DAY),
      deadlineAt: iso(T0 + (attempt + 14) * DAY),
      before,
    },
    T0 + attempt * DAY,
  );

export const result = (outcome: ReEvaluationResult['outcome'], attempt = 1): Message => {
  const data: ReEvaluationResult = {
    ...who,
    assignmentId: id(attempt),
    attempt,
    form,
    outcome,
    before,
    after: outcome === 'insufficient-evidence' ? empty : { n: 3, mean: 90, sd: 0, calls: [] },
    difference: 50,
    interval80: { low: 40, high: 60 },
    passMark: 75,
    decidedAt: iso(T0 + attempt * DAY + HOUR),
  };
  return message('evaluation.completed', data, T0 + attempt * DAY + HOUR);
};

export const timer = (at: number): Message => message('timer', null, at, 'timer');
/** Wakes it as the kernel would, `times` times. */
export function wake(subject: CaseSubject, times = 1): void {
  for (let i = 0; i < times; i++) if (subject.wakeAt !== null) subject.when(timer(subject.wakeAt));
}

/** Messages that bring a new case to a stage. `opened` is passed through. */
export const WAY = {
  none: [],
  assigned: [() => opened()],
  'in-training': [() => opened(), () => started()],
  trained: [() => opened(), () => started(), () => completed()],
  're-evaluating': [() => opened(), () => completed(), () => windowOpened()],
  closed: [() => opened(), () => completed(), () => windowOpened(), () => result('closed')],
  escalated: [() => opened(), () => completed(), () => windowOpened(), () => result('escalated')],
  'insufficient-evidence': [
    () => opened(),
    () => completed(),
    () => windowOpened(),
    () => result('insufficient-evidence'),
  ],
  withdrawn: [() => opened(), () => causeWithdrawn()],
} as const satisfies Record<string, readonly (() => Message)[]>;
export type Stage = keyof typeof WAY;

export function caseAt(stage: Stage, rules: Rules = RULES): CaseSubject {
  const subject = newCase(rules);
  for (const next of WAY[stage]) subject.when(next());
  subject.said = [];
  return subject;
}
