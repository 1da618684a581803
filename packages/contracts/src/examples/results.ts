/** What qa-scoring, evaluation and notification publish, and what consumers park. */
import type { Static } from 'typebox';
import type { DeadLetter, DeadLetterResolved } from '../dead-letter.ts';
import type { EvaluationEventData, EvaluationEventType } from '../evaluation.ts';
import { documentIdOf } from '../identity.ts';
import type { NotificationEventData, NotificationEventType } from '../notification.ts';
import type { EvaluationResult, QaEvents } from '../qa.ts';
import { assignmentId, callNumber, caseId, en, evaluationId, evaluationNumber, form, zh, zhCaseId } from './story.ts';

const agent = { agentId: en.agentId, agentKey: en.agentKey, agentName: en.agentName } as const;

const evaluation = {
  evaluationId,
  revision: 1,
  callId: en.callId,
  callRevision: 1,
  ...agent,
  queue: 'billing',
  channel: 'voice',
  language: 'en-GB',
  callStartedAt: '2026-05-04T09:30:00.000Z',
  callEndedAt: '2026-05-04T09:36:20.000Z',
  form,
  scorer: { kind: 'rules', version: '1' },
  score: 50,
  criticalScore: 0,
  passMark: 80,
  passed: false,
  autoFailedBy: ['identity-checked'],
  answers: [
    {
      questionId: 'greeting',
      competency: 'opening-closing',
      value: 'yes',
      weight: 50,
      critical: false,
      autoFail: false,
      reason: 'phrase-found',
      evidence: [{ segment: 0, startMs: 48_200, endMs: 51_000, text: 'Good morning, billing, how may I help?' }],
    },
    {
      questionId: 'identity-checked',
      competency: 'identity-verification',
      value: 'no',
      weight: 50,
      critical: true,
      autoFail: true,
      reason: 'not-found',
      evidence: [{ segment: 2, startMs: 55_400, endMs: 58_800, text: 'Let me see. Yes, I will refund that.' }],
    },
    {
      questionId: 'hold-announced',
      competency: 'call-control',
      value: 'na',
      weight: 0,
      critical: false,
      autoFail: false,
      reason: 'no-hold',
      evidence: [],
    },
  ],
  competencies: [
    { competency: 'opening-closing', score: 100, answered: 1 },
    { competency: 'identity-verification', score: 0, answered: 1 },
    { competency: 'call-control', score: null, answered: 0 },
  ],
  openCases: false,
} satisfies EvaluationResult;

export const qaExamples: { readonly [T in keyof typeof QaEvents]: Static<(typeof QaEvents)[T]> } = {
  'qa.evaluation.completed': evaluation,
  'qa.evaluation.revised': { ...evaluation, revision: 2, callRevision: 2 },
  'qa.evaluation.withdrawn': {
    evaluationId: evaluation.evaluationId,
    revision: 2,
    callId: evaluation.callId,
    callRevision: 2,
    agentId: evaluation.agentId,
    callEndedAt: evaluation.callEndedAt,
    reason: 'call-moved',
    movedTo: zh.agentId,
  },
};

const window = { caseId, assignmentId, attempt: 1, ...agent, competency: 'identity-verification', form } as const;
const sample = (mean: number, sd: number, numbers: readonly number[], scores: readonly number[]) => ({
  n: numbers.length,
  mean,
  sd,
  calls: numbers.map((n, i) => ({
    callId: callNumber(n),
    evaluationId: evaluationNumber(n),
    endedAt: `2026-05-0${n < 20 ? 4 : 6}T09:${n + 19}:20.000Z`,
    score: scores[i] ?? 0,
  })),
});
const before = sample(0, 0, [9, 13, 17], [0, 0, 0]);

export const evaluationExamples: { readonly [T in EvaluationEventType]: EvaluationEventData<T> } = {
  'evaluation.window.opened': {
    ...window,
    calls: 3,
    after: '2026-05-05T13:24:00.000Z',
    deadlineAt: '2026-05-19T13:24:00.000Z',
    before,
  },
  'evaluation.completed': {
    ...window,
    outcome: 'closed',
    before,
    after: sample(83.3, 28.9, [21, 24, 30], [100, 50, 100]),
    difference: 83.3,
    interval80: { low: 51.9, high: null },
    passMark: 80,
    decidedAt: '2026-05-06T09:49:20.000Z',
  },
};

const notificationId = documentIdOf('notification', zhCaseId, 'assigned');

export const notificationExamples: { readonly [T in NotificationEventType]: NotificationEventData<T> } = {
  'notification.created': {
    notificationId,
    to: zh.agentId,
    agentId: zh.agentId,
    template: 'training-assigned',
    caseId: zhCaseId,
    at: '2026-05-04T09:36:22.000Z',
    texts: [
      {
        language: 'en',
        title: 'A course for you: identity verification',
        body: 'Please complete it by 14 May 2026. It takes about 25 minutes.',
      },
      { language: 'zh', title: '新的培训任务:身份核验与信息安全', body: '请在2026年5月14日前完成,约需25分钟。' },
    ],
  },
  'notification.read': { notificationId, to: zh.agentId, at: '2026-05-04T10:05:00.000Z' },
  'notification.webhook.disabled': {
    webhookId: documentIdOf('webhook', 'an idempotency key'),
    host: 'wfm.example',
    description: 'Workforce management',
    reason: 'failing',
    failingSince: '2026-05-01T08:00:00.000Z',
    at: '2026-05-06T08:00:03.000Z',
  },
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const letter = {
  group: 'call-ingest',
  collection: 'calls',
  aggregate: zh.callId,
  stream: 'fZ0qkP1w8d3mT5yB7nXcVa',
  seq: 1,
  origin: { topic: 'call-intake', partition: 7, offset: 52_310 },
  reason: {
    code: 'EVENT_INVALID',
    message: '/transcript/segments/3/text must be string',
    pointer: '/transcript/segments/3/text',
  },
  parkedAt: '2026-05-04T02:10:00.000Z',
  record: {
    key: zh.sourceCallId,
    headers: { ce_specversion: base64('1.0'), ce_type: base64('transcript.completed') },
    value: base64(`{"callId":"${zh.sourceCallId}"}`),
  },
} satisfies DeadLetter;

export const deadLetterExamples = {
  'dead-letter.parked': letter,
  'dead-letter.resolved': {
    group: letter.group,
    collection: letter.collection,
    aggregate: letter.aggregate,
    stream: letter.stream,
    seq: letter.seq,
    how: 'replayed',
  } satisfies DeadLetterResolved,
  'dead-letter.replay-requested': letter,
} as const;
