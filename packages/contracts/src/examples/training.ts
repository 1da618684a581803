/** What training-assignment publishes: one case from its opening to its end. */
import type { TrainingEventData, TrainingEventType } from '../training.ts';
import { assignmentId, callNumber, caseId, en, evaluationId, evaluationNumber, form, zh, zhCaseId } from './story.ts';

const who = {
  agentId: en.agentId,
  agentKey: en.agentKey,
  agentName: en.agentName,
  competency: 'identity-verification',
} as const;

const ofCase = { caseId, ...who } as const;

const ofAssignment = {
  ...ofCase,
  assignmentId,
  attempt: 1,
  course: {
    id: 'identity-verification-theory',
    version: 1,
    title: 'Identity verification and data protection',
    titleZh: '身份核验与信息安全',
    minutes: 25,
  },
} as const;

const openedAt = '2026-05-04T09:36:20.000Z';
const dueAt = '2026-05-14T09:36:21.000Z';

export const trainingExamples: { readonly [T in TrainingEventType]: TrainingEventData<T> } = {
  'training.trigger.evaluated': {
    agentId: en.agentId,
    evaluationId,
    revision: 1,
    callId: en.callId,
    policyVersion: 1,
    decisions: [
      {
        competency: 'identity-verification',
        rule: 'consecutive-fails',
        fired: true,
        reason: 'fired',
        observed: 3,
        threshold: 3,
      },
      {
        competency: 'service-attitude',
        rule: 'low-moving-score',
        fired: false,
        reason: 'above-threshold',
        observed: 88.5,
        threshold: 70,
      },
    ],
  },
  'training.case.cause.withdrawn': {
    ...ofCase,
    evaluationId,
    callId: en.callId,
    reason: 'call-moved',
    at: openedAt,
  },
  'training.case.opened': {
    ...ofCase,
    openedAt,
    trigger: {
      rule: 'consecutive-fails',
      observed: 3,
      threshold: 3,
      policyVersion: 1,
      calls: [9, 13, 17].map((n) => ({
        callId: callNumber(n),
        evaluationId: evaluationNumber(n),
        callEndedAt: `2026-05-04T09:${n + 19}:20.000Z`,
        score: 0,
        questions: [
          {
            questionId: 'identity-checked',
            value: 'no',
            evidence: [{ segment: 2, startMs: 55_400, endMs: 58_800, text: 'Let me see. Yes, I will refund that.' }],
          },
        ],
      })),
    },
    form,
  },
  'training.assigned': { ...ofAssignment, assignedAt: '2026-05-04T09:36:21.000Z', dueAt, form },
  'training.started': { ...ofAssignment, startedAt: '2026-05-05T13:00:00.000Z' },
  'training.completed': {
    ...ofAssignment,
    completedAt: '2026-05-05T13:24:00.000Z',
    passed: true,
    score: 92,
    sourceId: 'lms-completion-7741',
    form,
    caseOpenedAt: openedAt,
  },
  'training.overdue': { ...ofAssignment, dueAt },
  'training.reminded': { ...ofAssignment, dueAt, reminder: 1 },
  'training.escalated': { ...ofCase, reason: 'overdue', attempt: 1 },
  'training.case.closed': {
    ...ofCase,
    outcome: 'improved',
    closedAt: '2026-05-06T15:12:44.000Z',
    openedAt,
    attempts: 1,
    difference: 83.3,
    interval80: { low: 51.9, high: null },
  },
  'training.case.stage.changed': {
    caseId: zhCaseId,
    competency: who.competency,
    agentId: zh.agentId,
    agentKey: zh.agentKey,
    agentName: zh.agentName,
    from: 'trained',
    to: 're-evaluating',
    at: '2026-05-05T13:24:00.000Z',
  },
};
