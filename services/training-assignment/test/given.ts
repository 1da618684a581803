/** Builders for tests. Every event that a transition emits is checked against its contract. */
import { fileURLToPath } from 'node:url';
import { type Decision, type Emit, type EvaluationResult, faultOf, type Message, schemaOf } from '@coachloop/contracts';
import { expect } from 'vitest';
import type { Rules } from '../src/domain/triggers.ts';
import { readCatalogue, readPolicy } from '../src/policy.ts';

/** The first policy: it fires on a single call, so that what follows from a case is told in few lines. */
export const QUICK = readPolicy(fileURLToPath(new URL('../policies/default.v1.yaml', import.meta.url)));
export const RULES: Rules = { policy: QUICK, catalogue: readCatalogue() };
export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const T0 = Date.UTC(2026, 0, 5, 9);
export const AGENT = '0f0f0f0f-0f0f-5f0f-8f0f-0f0f0f0f0f0f';

export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const iso = (ms: number): string => new Date(ms).toISOString();

export interface CallSpec {
  readonly n: number;
  readonly endedAt: number;
  readonly competency?: string;
  /** Question → answer; `yes!`/`no!` is a critical one. */
  readonly answers: Readonly<Record<string, 'yes' | 'no' | 'na' | 'yes!' | 'no!'>>;
  readonly revision?: number;
  readonly openCases?: boolean;
  readonly agentId?: string;
}

/** Evaluation of call n; the score is the share of yes. */
export function evaluation(spec: CallSpec): EvaluationResult {
  const competency = spec.competency ?? 'service-attitude';
  const given = Object.entries(spec.answers);
  const answered = given.filter(([, v]) => v !== 'na');
  const yes = answered.filter(([, v]) => v.startsWith('yes')).length;
  const score = answered.length === 0 ? null : (100 * yes) / answered.length;
  return {
    evaluationId: uuid(1_000 + spec.n),
    revision: spec.revision ?? 1,
    callId: uuid(spec.n),
    callRevision: 1,
    agentId: spec.agentId ?? AGENT,
    channel: 'voice',
    callStartedAt: iso(spec.endedAt - 300_000),
    callEndedAt: iso(spec.endedAt),
    form: { id: 'inbound-en', version: 1 },
    scorer: { kind: 'rules', version: '1' },
    score,
    criticalScore: null,
    passMark: 80,
    passed: score === null ? null : score >= 80,
    autoFailedBy: [],
    answers: given.map(([questionId, v]) => ({
      questionId,
      competency,
      value: v === 'na' ? 'na' : v.startsWith('yes') ? 'yes' : 'no',
      weight: 10,
      critical: v.endsWith('!'),
      autoFail: false,
      reason: 'phrase-found',
      evidence: v.startsWith('no') ? [{ segment: 1, text: 'what was said' }] : [],
    })),
    competencies: [{ competency, score, answered: answered.length }],
    openCases: spec.openCases ?? false,
  };
}

let messages = 0;
export function message(type: string, data: unknown, time = T0, kind: Message['kind'] = 'event'): Message {
  messages += 1;
  return { id: `m${messages}`, kind, type, source: 'test', time, data, origin: null };
}

export const scored = (spec: CallSpec): Message =>
  message(
    (spec.revision ?? 1) === 1 ? 'qa.evaluation.completed' : 'qa.evaluation.revised',
    evaluation(spec),
    spec.endedAt,
  );

/** The evaluation of call n is void for its agent. */
export const withdrawn = (spec: CallSpec): Message => {
  const { evaluationId, revision, callId, callRevision, agentId, callEndedAt } = evaluation(spec);
  const data = { evaluationId, revision, callId, callRevision, agentId, callEndedAt, reason: 'call-moved' };
  return message('qa.evaluation.withdrawn', data, spec.endedAt);
};

export function checkContract(events: readonly Emit[]): void {
  for (const event of events) {
    const schema = schemaOf('training-events', event.type);
    expect(schema, event.type).toBeDefined();
    if (schema) expect(faultOf(schema, event.data), `${event.type} ${JSON.stringify(event.data)}`).toBeNull();
  }
}

/** Runs messages through one aggregate, as the kernel would: a refused message leaves the state as it was. */
export class Subject<S> {
  state: S;
  wakeAt: number | null = null;
  said: Emit[] = [];
  reply: unknown;
  readonly #handle: (state: S, message: Message, now: number) => Decision<S>;
  constructor(initial: S, handle: (state: S, message: Message, now: number) => Decision<S>) {
    this.state = initial;
    this.#handle = handle;
  }
  /** What it says to this message. */
  when(m: Message, now = m.time): readonly Emit[] {
    const before = JSON.stringify(this.state);
    const state = this.state;
    const decision = this.#handle(state, m, now);
    expect(JSON.stringify(state), 'a transition must not change the state it was given').toBe(before);
    checkContract(decision.events);
    // As the store gives it back.
    this.state = JSON.parse(JSON.stringify(decision.state)) as S;
    this.wakeAt = decision.wakeAt;
    this.reply = decision.reply;
    this.said.push(...decision.events);
    return decision.events;
  }
  types(): string[] {
    return this.said.map((e) => e.type);
  }
}
