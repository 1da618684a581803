/** Builders for tests. Every event that a transition emits is checked against its contract. */
import { fileURLToPath } from 'node:url';
import {
  type Decision,
  type Emit,
  type EvaluationResult,
  faultOf,
  type Message,
  type ReEvaluationResult,
  schemaOf,
  type TrainingEventData,
} from '@coachloop/contracts';
import { expect } from 'vitest';
import { type AgentReview, newReview } from '../src/domain/review.ts';
import { handleReview } from '../src/domain/reviews.ts';
import { readPolicy } from '../src/policy.ts';

/** The first policy: three calls decide, so that a case is told in few lines. */
export const POLICY = readPolicy(fileURLToPath(new URL('../policies/default.v1.yaml', import.meta.url)));
export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const T0 = Date.UTC(2026, 0, 5, 9);
export const AGENT = '0f0f0f0f-0f0f-5f0f-8f0f-0f0f0f0f0f0f';
export const C = 'service-attitude';
export const FORM = { id: 'inbound-en', version: 1 };
export const CASE = '00000000-0000-4000-8000-000000000077';

export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
export const iso = (ms: number): string => new Date(ms).toISOString();

let messages = 0;
export function message(type: string, data: unknown, time = T0, kind: Message['kind'] = 'event'): Message {
  messages += 1;
  return { id: `m${messages}`, kind, type, source: 'test', time, data, origin: null };
}

export interface CallSpec {
  readonly n: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly score: number | null;
  readonly competency?: string;
  readonly form?: { id: string; version: number };
  readonly revision?: number;
  /** Questions of the competency that were answered no. */
  readonly missed?: readonly { readonly id: string; readonly critical?: boolean; readonly autoFail?: boolean }[];
}

export function scored(spec: CallSpec): Message {
  const endedAt = spec.endedAt ?? spec.startedAt + 300_000;
  const data: EvaluationResult = {
    evaluationId: uuid(1_000 + spec.n),
    revision: spec.revision ?? 1,
    callId: uuid(spec.n),
    callRevision: 1,
    agentId: AGENT,
    channel: 'voice',
    callStartedAt: iso(spec.startedAt),
    callEndedAt: iso(endedAt),
    form: spec.form ?? FORM,
    scorer: { kind: 'rules', version: '1' },
    score: spec.score,
    criticalScore: null,
    passMark: 80,
    passed: null,
    autoFailedBy: [],
    answers: (spec.missed ?? []).map(({ id, critical = false, autoFail = false }) => ({
      ...{ sectionId: 's', questionId: id, competency: spec.competency ?? C, weight: 10, critical, autoFail },
      ...{ value: 'no' as const, reason: 'not-found', evidence: [] },
    })),
    competencies: [{ competency: spec.competency ?? C, score: spec.score, answered: spec.score === null ? 0 : 2 }],
    openCases: false,
  };
  return message(data.revision === 1 ? 'qa.evaluation.completed' : 'qa.evaluation.revised', data, endedAt);
}

/** The evaluation of call n is void for its agent. */
export function withdrawn(n: number, revision: number): Message {
  const about = { evaluationId: uuid(1_000 + n), callId: uuid(n), agentId: AGENT, callEndedAt: iso(T0) };
  return message('qa.evaluation.withdrawn', { ...about, revision, callRevision: revision, reason: 'call-moved' });
}

/** Training of attempt n, finished at `completedAt`. */
export function trained(
  completedAt: number,
  attempt = 1,
  more: Partial<TrainingEventData<'training.completed'>> = {},
): Message {
  const data: TrainingEventData<'training.completed'> = {
    caseId: CASE,
    agentId: AGENT,
    competency: C,
    assignmentId: `${CASE}.${attempt}`,
    attempt,
    course: { id: `course-${attempt}`, version: 1, title: 'Course', minutes: 30 },
    completedAt: iso(completedAt),
    passed: true,
    sourceId: `lms-${attempt}`,
    form: FORM,
    caseOpenedAt: iso(T0),
    ...more,
  };
  return message('training.completed', data, completedAt);
}

/** Runs messages through an agent's review, as the kernel would. */
export class Review {
  state: AgentReview = newReview(AGENT);
  wakeAt: number | null = null;
  said: Emit[] = [];
  readonly #handle: (state: AgentReview, message: Message, now: number) => Decision<AgentReview>;
  constructor(policy = POLICY) {
    const handle = handleReview(policy);
    this.#handle = handle;
  }
  when(...all: readonly Message[]): readonly Emit[] {
    const from = this.said.length;
    for (const m of all) {
      const before = JSON.stringify(this.state);
      const given = this.state;
      const decision = this.#handle(given, m, m.time);
      expect(JSON.stringify(given), 'a transition must not change the state it was given').toBe(before);
      for (const event of decision.events) {
        const schema = schemaOf('evaluation-events', event.type);
        expect(schema && faultOf(schema, event.data), `${event.type} ${JSON.stringify(event.data)}`).toBeNull();
      }
      this.state = JSON.parse(JSON.stringify(decision.state)) as AgentReview;
      this.wakeAt = decision.wakeAt;
      this.said.push(...decision.events);
    }
    return this.said.slice(from);
  }
  wake(): readonly Emit[] {
    return this.wakeAt === null ? [] : this.when(message('timer', null, this.wakeAt, 'timer'));
  }
  results(): ReEvaluationResult[] {
    return this.said.filter((e) => e.type === 'evaluation.completed').map((e) => e.data as ReEvaluationResult);
  }
}
