/** Builders of events as they stand in the log, and the platform that reads them, on adapters in memory. */
import {
  type CallEventData,
  type CallStage,
  type CloudEvent,
  faultOf,
  type QaEventData,
  type ReplacedEvaluation,
  schemaOf,
  TOPIC_OF_TYPE,
  type TrainingEventData,
  toHeaders,
} from '@coachloop/contracts';
import type { NewRecord } from '@coachloop/event-log';

export const T0 = Date.UTC(2026, 2, 4, 10, 30);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const iso = (ms: number): string => new Date(ms).toISOString();

export interface Given {
  readonly type: string;
  readonly key: string;
  readonly time: number;
  readonly data: unknown;
}

/** An event of its own stream; the data must fit its contract. */
export function recordOf({ type, key, time, data }: Given, n: number, seq = 1, stream = `s${n}`): NewRecord {
  const topic = TOPIC_OF_TYPE[type] ?? '';
  const schema = schemaOf(topic, type);
  const fault = schema ? faultOf(schema, data) : 'unknown type';
  if (fault) throw new Error(`${type}: ${JSON.stringify(fault)}`);
  const event: CloudEvent = { id: `e${n}`, source: 'test', type, time, key, stream, seq, born: 0, data };
  return { topic, key, headers: toHeaders(event), value: Buffer.from(JSON.stringify(data)) };
}

const common = (n: number, agent: number) => ({
  callId: uuid(n),
  source: 'test',
  sourceCallId: `c${n}`,
  agentId: uuid(9_000 + agent),
  channel: 'voice' as const,
  direction: 'inbound' as const,
});

export const step = (type: string, n: number, from: CallStage, to: CallStage, at = T0, more: object = {}): Given => ({
  type,
  key: uuid(n),
  time: at,
  data: { ...common(n, 1), at: iso(at), stage: { from, to }, ...more },
});

export interface RecordSpec {
  readonly n: number;
  readonly endedAt?: number;
  readonly agent?: number;
  readonly stage?: { from: CallStage; to: CallStage };
  readonly more?: Partial<CallEventData<'call.revised'>>;
}

export function completed({ n, endedAt = T0, agent = 1, stage, more = {} }: RecordSpec): Given {
  const data: CallEventData<'call.revised'> = {
    ...common(n, agent),
    revision: 1,
    startedAt: iso(endedAt - 300_000),
    endedAt: iso(endedAt),
    holds: [],
    transfers: 0,
    abandoned: false,
    transcript: null,
    missing: [],
    openCases: false,
    ...(stage === undefined ? {} : { stage }),
    ...more,
  };
  const type = data.revision === 1 ? 'call.completed' : 'call.revised';
  return { type, key: uuid(n), time: endedAt, data };
}

export interface ScoreSpec {
  readonly n: number;
  readonly score: number | null;
  readonly agent?: number;
  readonly endedAt?: number;
  readonly scoredAt?: number;
  readonly more?: Partial<QaEventData<'qa.evaluation.revised'>>;
}

export function scored({ n, score, agent = 1, endedAt = T0, scoredAt = endedAt + 2_000, more = {} }: ScoreSpec): Given {
  const agentId = uuid(9_000 + agent);
  const data: QaEventData<'qa.evaluation.revised'> = {
    evaluationId: uuid(20_000 + n),
    revision: 1,
    callId: uuid(n),
    callRevision: 1,
    agentId,
    channel: 'voice',
    callStartedAt: iso(endedAt - 300_000),
    callEndedAt: iso(endedAt),
    form: { id: 'en.voice', version: 1 },
    scorer: { kind: 'rules', version: '1' },
    score,
    criticalScore: null,
    passMark: 80,
    passed: score === null ? null : score >= 80,
    autoFailedBy: [],
    answers: [],
    competencies: [{ competency: 'service-attitude', score, answered: score === null ? 0 : 1 }],
    openCases: false,
    ...more,
  };
  const type = data.revision === 1 ? 'qa.evaluation.completed' : 'qa.evaluation.revised';
  return { type, key: agentId, time: scoredAt, data };
}

/** With `replaces` nothing comes instead of it; without, a revision takes the figures back. */
export function withdrawn(n: number, agent: number, revision: number, replaces?: ReplacedEvaluation): Given {
  const agentId = uuid(9_000 + agent);
  const data: QaEventData<'qa.evaluation.withdrawn'> = {
    evaluationId: uuid(20_000 + n),
    revision,
    callId: uuid(n),
    callRevision: revision,
    agentId,
    callEndedAt: replaces?.callEndedAt ?? iso(T0),
    reason: replaces === undefined ? 'call-moved' : 'abandoned',
    ...(replaces === undefined ? {} : { replaces }),
  };
  return { type: 'qa.evaluation.withdrawn', key: agentId, time: T0, data };
}

export function answer(questionId: string, value: 'yes' | 'no' | 'na', critical = false) {
  const rest = { weight: 10, autoFail: false, reason: 'phrase-found', evidence: [] };
  return { questionId, competency: 'service-attitude', value, critical, ...rest };
}

export const moved = (
  n: number,
  from: TrainingEventData<'training.case.stage.changed'>['from'],
  to: TrainingEventData<'training.case.stage.changed'>['to'],
  at = T0,
  since?: number,
): Given => ({
  type: 'training.case.stage.changed',
  key: uuid(9_001),
  time: at,
  data: {
    caseId: uuid(30_000 + n),
    agentId: uuid(9_001),
    competency: 'service-attitude',
    from,
    to,
    at: iso(at),
    ...(since === undefined ? {} : { since: iso(since) }),
  },
});
