/** What call-ingest publishes. */
import type { CallEventData, CallEventType, CallRecord } from '../call.ts';
import { customerHash, en, SOURCE, zh } from './story.ts';

const call = {
  callId: en.callId,
  source: SOURCE,
  sourceCallId: en.sourceCallId,
  agentId: en.agentId,
  agentKey: en.agentKey,
  agentName: en.agentName,
  queue: 'billing',
  channel: 'voice',
  direction: 'inbound',
} as const;

const chat = {
  ...call,
  callId: zh.callId,
  sourceCallId: zh.sourceCallId,
  agentId: zh.agentId,
  agentKey: zh.agentKey,
  agentName: zh.agentName,
  queue: '资费投诉',
  channel: 'chat',
} as const;

const record = {
  ...call,
  revision: 1,
  language: 'en-GB',
  startedAt: '2026-05-04T09:30:00.000Z',
  answeredAt: '2026-05-04T09:30:48.000Z',
  endedAt: '2026-05-04T09:36:20.000Z',
  waitSeconds: 48,
  ringSeconds: 7,
  talkSeconds: 279.5,
  holdSeconds: 52.5,
  wrapupSeconds: 45,
  holds: [{ startMs: 130_000, endMs: 182_500 }],
  transfers: 0,
  abandoned: false,
  customerHash,
  survey: { score: 4, scale: { min: 1, max: 5 }, resolved: true },
  transcript: {
    language: 'en-GB',
    timing: 'measured',
    speakers: 'stated',
    segments: [
      { index: 0, speaker: 'agent', text: 'Good morning, billing, how may I help?', startMs: 48_200, endMs: 51_000 },
      { index: 1, speaker: 'customer', text: 'I was charged twice for April.', startMs: 52_300, endMs: 54_900 },
      { index: 2, speaker: 'agent', text: 'Let me see. Yes, I will refund that.', startMs: 55_400, endMs: 58_800 },
    ],
  },
  missing: [],
  openCases: false,
} satisfies CallRecord;

const at = (time: string) => `2026-05-04T09:${time}.000Z`;

export const callExamples: { readonly [T in CallEventType]: CallEventData<T> } = {
  'call.queued': { ...call, at: at('30:00'), stage: { from: 'none', to: 'queued' } },
  'call.ringing': { ...call, at: at('30:41'), stage: { from: 'queued', to: 'ringing' } },
  'call.answered': { ...call, at: at('30:48'), stage: { from: 'ringing', to: 'talking' }, waitSeconds: 48 },
  'call.held': { ...call, at: at('32:10'), stage: { from: 'talking', to: 'held' } },
  'call.unheld': { ...call, at: at('33:02'), stage: { from: 'held', to: 'talking' } },
  'call.transferred': { ...call, at: at('34:00'), stage: { from: 'talking', to: 'queued' }, toQueue: 'complaints' },
  'call.abandoned': { ...chat, at: at('41:00'), stage: { from: 'queued', to: 'abandoned' }, waitSeconds: 61 },
  'call.ended': {
    ...call,
    at: at('36:20'),
    stage: { from: 'talking', to: 'wrapup' },
    talkSeconds: 279.5,
    holdSeconds: 52.5,
  },
  'call.wrapup.ended': { ...call, at: at('37:05'), stage: { from: 'wrapup', to: 'done' }, wrapupSeconds: 45 },
  'transcript.segment': {
    ...chat,
    at: at('52:21'),
    stage: { from: 'talking', to: 'talking' },
    segment: { index: 1, speaker: 'customer', text: '我的套餐多扣了一个月的费用。', startMs: 21_000, endMs: 21_000 },
  },
  'transcript.completed': {
    ...chat,
    at: at('58:00'),
    stage: { from: 'done', to: 'done' },
    segments: 3,
    language: 'zh-CN',
  },
  'survey.answered': {
    ...call,
    at: at('38:00'),
    stage: { from: 'done', to: 'done' },
    score: 4,
    scale: { min: 1, max: 5 },
    resolved: true,
  },
  'call.completed': record,
  'call.revised': { ...record, revision: 2, survey: { score: 5, scale: { min: 1, max: 5 }, resolved: true } },
  'agent.state.changed': {
    agentId: zh.agentId,
    agentKey: zh.agentKey,
    agentName: zh.agentName,
    from: 'talking',
    to: 'wrapup',
    at: '2026-05-04T02:02:11.000Z',
  },
};
