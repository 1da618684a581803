import { type CallRecord, type EvaluationResult, faultOf, type Message, schemaOf } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  type EvaluationState,
  initialEvaluation,
  onCallRecord,
  SUPERSEDED_MAX,
} from '../src/domain/evaluation.ts';
import { loadForms } from '../src/index.ts';
import { EN_BAD, EN_GOOD, record } from './calls.ts';

const forms = loadForms().filter(({ form }) => form.version === 1);
const good = record('good', EN_GOOD);
const worse: CallRecord = { ...good, transcript: record('bad', EN_BAD).transcript };

const message = (call: CallRecord): Message => ({
  id: `m${call.revision}`,
  kind: 'event',
  type: call.revision === 1 ? 'call.completed' : 'call.revised',
  source: 'call-ingest',
  time: 0,
  data: call,
  origin: null,
});

/** Handles the calls in this order, with these forms. */
function given(calls: readonly CallRecord[], using = forms) {
  let state: EvaluationState = initialEvaluation();
  const events: { type: string; key: string; data: EvaluationResult }[] = [];
  for (const call of calls) {
    const decision = onCallRecord(using, state, message(call));
    state = decision.state;
    for (const event of decision.events) {
      const schema = schemaOf('qa-events', event.type);
      expect(schema && faultOf(schema, event.data), `${event.type} ${JSON.stringify(event.data)}`).toBeNull();
      events.push({ type: event.type, key: event.key, data: event.data as EvaluationResult });
    }
  }
  return { state, events };
}

describe('an evaluation', () => {
  it('given nothing, when a call is completed, then it is evaluated', () => {
    const { state, events } = given([good]);
    expect(events).toMatchObject([
      { type: 'qa.evaluation.completed', key: good.agentId, data: { revision: 1, callRevision: 1 } },
    ]);
    expect(state).toMatchObject({
      status: 'scored',
      agentId: good.agentId,
      endedAtMs: Date.parse(good.endedAt),
      passed: 'yes',
    });
  });

  it('given a result, when the call is revised, then the new one supersedes it', () => {
    const { state, events } = given([good, { ...worse, revision: 2 }]);
    expect(events[1]).toMatchObject({
      type: 'qa.evaluation.revised',
      data: { revision: 2, callRevision: 2, passed: false },
    });
    expect(state.superseded).toMatchObject([{ revision: 1, callRevision: 1, passed: true }]);
  });

  it('given a newer revision, when an older one arrives late, then nothing changes', () => {
    const { state } = given([{ ...worse, revision: 3 }]);
    const late = onCallRecord(forms, state, message({ ...good, revision: 2 }));
    expect(late).toEqual({ state, events: [], wakeAt: null });
  });

  it('given a revision that changes nothing of the result, then nothing is said, but it is remembered', () => {
    const { state, events } = given([good, { ...good, revision: 2, wrapupSeconds: 12 }]);
    expect(events).toHaveLength(1);
    expect(state.result).toMatchObject({ revision: 1, callRevision: 2 });
  });

  it('given an abandoned call, then nobody is evaluated; when a conversation turns up, somebody is', () => {
    const abandoned = { ...good, abandoned: true, transcript: null };
    const first = given([abandoned]);
    expect(first.events).toEqual([]);
    expect(first.state).toMatchObject({ status: 'not-scorable', result: null, endedAtMs: null });
    expect(given([abandoned, { ...good, revision: 2 }]).events).toMatchObject([
      { type: 'qa.evaluation.completed', data: { revision: 1 } },
    ]);
  });

  it('given a result, when the call turns out to be abandoned, then the result is void, and its figures are taken back', () => {
    const { events, state } = given([good, { ...good, revision: 2, abandoned: true }]);
    expect(events).toMatchObject([
      { data: { score: expect.any(Number) } },
      {
        type: 'qa.evaluation.withdrawn',
        key: good.agentId,
        data: { revision: 2, reason: 'abandoned', replaces: { revision: 1, agentId: good.agentId, passed: true } },
      },
    ]);
    expect(state).toMatchObject({ status: 'not-scorable', result: null, agentId: null, passed: null });
    expect(state.superseded).toMatchObject([{ revision: 1 }]);
  });

  it('given a withdrawn result, when the call can be scored after all, then a new one is said with the next number', () => {
    const newer = forms.map((one) => ({ ...one, form: { ...one.form, version: 2 } }));
    const { state } = given([
      good,
      { ...good, revision: 2, abandoned: true },
      { ...good, revision: 3, abandoned: true },
    ]);
    const again = onCallRecord([...forms, ...newer], state, message({ ...worse, revision: 4 }));
    expect(again.events).toMatchObject([
      { type: 'qa.evaluation.completed', data: { revision: 3, form: { version: 1 } } },
    ]);
    expect(again.events[0]?.data).not.toHaveProperty('replaces');
  });

  it('given a result, when no form fits the call any more, then the result is void', () => {
    const [form] = forms.filter((one) => one.form.id === 'en.voice');
    if (!form) throw new Error('there is a form en.voice');
    const { events, state } = given([good, { ...good, revision: 2, language: 'fr' }], [form]);
    expect(events[1]).toMatchObject({ type: 'qa.evaluation.withdrawn', data: { reason: 'no-form' } });
    expect(digestOf(state)).toEqual(['not-scorable', null]);
  });

  it('given a call without a transcript, then it has an evaluation without a score', () => {
    const { state, events } = given([{ ...good, transcript: null, missing: ['transcript'] }]);
    expect(events).toMatchObject([{ data: { score: null, passed: null } }]);
    expect(state.passed).toBe('none');
  });

  it('given a call of nobody known, then it is evaluated; when the agent becomes known, both are told', () => {
    const { events } = given([
      { ...good, agentId: 'unassigned' },
      { ...good, revision: 2 },
    ]);
    expect(events).toMatchObject([
      { key: 'unassigned' },
      { type: 'qa.evaluation.withdrawn', key: 'unassigned', data: { reason: 'call-moved', movedTo: good.agentId } },
      { key: good.agentId, data: { agentId: good.agentId, previousAgentId: 'unassigned' } },
    ]);
  });

  it('given a call that moves from agent to agent and back, then each hears of it in the order of their own key', () => {
    const other = '00000000-0000-5000-8000-00000000000b';
    const { events, state } = given([
      { ...good, agentName: 'Demo 1' },
      { ...good, revision: 2, agentId: other },
      { ...good, revision: 3, agentName: 'Demo 1' },
    ]);
    const heardBy = (key: string) =>
      events.filter((event) => event.key === key).map(({ type, data }) => [type, data.revision, data.agentId]);
    expect(heardBy(good.agentId)).toEqual([
      ['qa.evaluation.completed', 1, good.agentId],
      ['qa.evaluation.withdrawn', 2, good.agentId],
      ['qa.evaluation.revised', 3, good.agentId],
    ]);
    expect(heardBy(other)).toEqual([
      ['qa.evaluation.revised', 2, other],
      ['qa.evaluation.withdrawn', 3, other],
    ]);
    const withdrawn = events.filter(({ type }) => type === 'qa.evaluation.withdrawn').map(({ data }) => data);
    // The revision takes the figures back; twice would be once too often.
    expect(withdrawn.filter((data) => 'replaces' in data)).toEqual([]);
    expect(withdrawn[0]).toMatchObject({ agentName: 'Demo 1', callRevision: 2, callEndedAt: good.endedAt });
    expect(state).toMatchObject({ status: 'scored', agentId: good.agentId });
  });

  it('given a newer form version, when a call is revised, then it stays on the version it was first scored by', () => {
    const newer = forms.map((one) => ({ ...one, form: { ...one.form, version: 2 } }));
    const { state } = given([good]);
    const revised = onCallRecord([...forms, ...newer], state, message({ ...worse, revision: 2 }));
    expect(revised.events).toMatchObject([{ data: { form: { id: 'en.voice', version: 1 } } }]);
    expect(given([good], [...forms, ...newer]).events).toMatchObject([{ data: { form: { version: 2 } } }]);
  });

  it('given that the language became known, then the form for it is used', () => {
    const { events } = given([
      { ...good, language: 'fr' },
      { ...good, language: 'en', revision: 2 },
    ]);
    expect(events.map((event) => event.data.form.id)).toEqual(['any', 'en.voice']);
  });

  it('remembers a bounded number of earlier results', () => {
    const calls = Array.from({ length: 30 }, (_, n) => ({ ...(n % 2 === 0 ? good : worse), revision: n + 1 }));
    expect(given(calls).state.superseded).toHaveLength(SUPERSEDED_MAX);
  });

  it('ends with the newest revision, whatever the order in which they arrive', () => {
    const revisions = [
      good,
      { ...worse, revision: 2 },
      { ...good, revision: 3, queue: 'b' },
      { ...worse, revision: 4 },
    ];
    const last = given([...revisions]).state.result;
    fc.assert(
      fc.property(fc.shuffledSubarray(revisions, { minLength: 4 }), (order) => {
        const { result } = given(order).state;
        expect({ ...result, revision: 0 }).toEqual({ ...last, revision: 0 });
      }),
    );
  });

  it('says of the newest record what it would have said of it alone, whatever was known before', () => {
    const revision = fc.record(
      {
        abandoned: fc.boolean(),
        language: fc.constantFrom('en', 'fr'),
        agentId: fc.constantFrom(good.agentId, 'unassigned', '00000000-0000-5000-8000-00000000000b'),
        transcript: fc.constantFrom(good.transcript, worse.transcript, null),
      },
      { noNullPrototype: true },
    );
    const english = forms.filter(({ form }) => form.id !== 'any');
    fc.assert(
      fc.property(fc.array(revision, { minLength: 1, maxLength: 5 }), fc.boolean(), (revisions, anyForm) => {
        const using = anyForm ? forms : english;
        const calls = revisions.map((change, i): CallRecord => ({ ...good, ...change, revision: i + 1 }));
        const { events, state } = given(calls, using);
        expect(digestOf(state)).toEqual(digestOf(given(calls.slice(-1), using).state));
        // At rest one agent at most has the result, and each of the others heard last that it is void.
        const heard = new Map(events.map(({ key, type }) => [key, type]));
        const holding = [...heard].filter(([, type]) => type !== 'qa.evaluation.withdrawn').map(([key]) => key);
        expect(holding).toEqual(state.result === null ? [] : [state.result.agentId]);
        // Figures: what was counted and not taken back is the result that stands.
        const taken = events.flatMap(({ data }) => ('replaces' in data ? [data.replaces] : [])).length;
        const counted = events.filter(({ type }) => type !== 'qa.evaluation.withdrawn').length;
        expect(counted - taken).toBe(state.result === null ? 0 : 1);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('keeps fields of the state that this release does not know', () => {
    const state = { ...initialEvaluation(), later: 1 };
    expect(onCallRecord(forms, state, message(good)).state).toHaveProperty('later', 1);
  });
});
