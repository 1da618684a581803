/** What foreign producers send. */

import type { Static } from 'typebox';
import type { AgentStateIntake, CallIntakeData, CallIntakeType } from '../call.ts';
import type { CompletionReport, StartReport } from '../training.ts';
import { assignmentId, en, zh } from './story.ts';

const call = { callId: en.sourceCallId, agentId: en.agentKey, agentName: en.agentName } as const;

export const callIntakeExamples = {
  'call.queued': {
    callId: en.sourceCallId,
    queue: 'billing',
    channel: 'voice',
    direction: 'inbound',
    language: 'en-GB',
    startedAt: '2026-05-04T09:30:00Z',
    customerId: 'customer-88',
  },
  'call.ringing': { ...call, at: '2026-05-04T09:30:41Z' },
  'call.answered': { ...call, at: '2026-05-04T09:30:48Z', waitSeconds: 48 },
  'call.held': { ...call, at: '2026-05-04T09:32:10Z' },
  'call.unheld': { ...call, at: '2026-05-04T09:33:02.5Z' },
  'call.transferred': { ...call, at: '2026-05-04T09:34:00Z', toQueue: 'complaints' },
  'call.abandoned': { callId: 'c-20260504-0018', queue: 'billing', at: '2026-05-04T09:41:00+01:00' },
  'call.ended': { ...call, at: '2026-05-04T09:36:20Z', endedBy: 'customer', durationSeconds: 380 },
  'call.wrapup.ended': { ...call, at: '2026-05-04T09:37:05Z' },
  'transcript.segment': {
    ...call,
    index: 1,
    speaker: 'customer',
    text: 'I was charged twice for April.',
    startMs: 52_300,
    endMs: 54_900,
  },
  'transcript.completed': {
    callId: zh.sourceCallId,
    agentId: zh.agentKey,
    agentName: zh.agentName,
    channel: 'chat',
    language: 'zh-CN',
    transcript: {
      language: 'zh-CN',
      timing: 'sent',
      segments: [
        { index: 0, speaker: 'agent', text: '您好,请问有什么可以帮您?', startMs: 0, endMs: 0 },
        { index: 1, speaker: 'customer', text: '我的套餐多扣了一个月的费用。', startMs: 21_000, endMs: 21_000 },
        { index: 2, speaker: 'agent', text: '非常抱歉给您添麻烦了,我马上为您核实。', startMs: 35_000, endMs: 35_000 },
      ],
    },
  },
  'survey.answered': { callId: en.sourceCallId, score: 4, scale: { min: 1, max: 5 }, resolved: true },
} as const satisfies { [T in CallIntakeType]: CallIntakeData<T> };

export const agentStateIntakeExample = {
  agentId: zh.agentKey,
  agentName: zh.agentName,
  state: 'wrapup',
  at: '2026-05-04T10:02:11+08:00',
} as const satisfies Static<typeof AgentStateIntake>;

export const trainingIntakeExamples = {
  'training.completion.reported': {
    assignmentId,
    learner: en.agentKey,
    courseId: 'identity-verification-theory',
    startedAt: '2026-05-05T13:00:00Z',
    completedAt: '2026-05-05T13:24:00Z',
    passed: true,
    score: 92,
    sourceId: 'lms-completion-7741',
  } satisfies CompletionReport,
  'training.start.reported': {
    assignmentId,
    startedAt: '2026-05-05T13:00:00Z',
    sourceId: 'lms-start-7740',
  } satisfies StartReport,
} as const;
