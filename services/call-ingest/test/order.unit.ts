/** The state in the end does not depend on order, timing or repetition. */
import type { Message } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { join, NO_FACTS, STEP_TYPES } from '../src/domain/facts.ts';
import { type CallMessage, factsOf } from '../src/domain/intake.ts';
import { at, event, run, T0 } from './given.ts';

const seconds = fc.integer({ min: 0, max: 40 });
const maybeAgent = fc.option(fc.constantFrom('a-1', 'a-2', 'a-3'), { nil: undefined });
const shared = fc.record(
  {
    agentId: fc.constantFrom('a-1', 'a-2', ' a-1 '),
    agentName: fc.constantFrom('Ann', 'Bo'),
    queue: fc.constantFrom('billing', 'sales'),
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    startedAt: seconds.map(at),
    customerId: fc.constantFrom('+1', '+2'),
    openCases: fc.boolean(),
    at: seconds.map(at),
  },
  { requiredKeys: [] },
);
const turn = fc.record({
  speaker: fc.constantFrom('agent' as const, 'customer' as const),
  text: fc.constantFrom('hello', '您好', 'thanks'),
});
const own = {
  'call.transferred': maybeAgent.map((toAgentId) => (toAgentId ? { toAgentId } : { toQueue: 'second line' })),
  'call.answered': fc.constantFrom({}, { waitSeconds: 7 }),
  'call.ended': fc.constantFrom({}, { durationSeconds: 30 }),
  'transcript.segment': fc.tuple(turn, fc.integer({ min: 0, max: 3 })).map(([said, index]) => ({ ...said, index })),
  'transcript.completed': fc.array(turn, { maxLength: 4 }).map((turns) => ({
    transcript: { timing: 'none' as const, segments: turns.map((said, index) => ({ ...said, index })) },
  })),
  'survey.answered': fc.integer({ min: 1, max: 5 }).map((score) => ({ score, scale: { min: 1, max: 5 } })),
};
const type = fc.constantFrom(
  ...STEP_TYPES,
  ...(['transcript.segment', 'transcript.completed', 'survey.answered'] as const),
);
const oneEvent = type.chain((name) =>
  fc
    .tuple(seconds, shared, name in own ? own[name as keyof typeof own] : fc.constant({}))
    .map(([second, common, special]) => ({ name, second, data: { ...common, ...special } })),
);
/** Distinct ids: an id that was used before is the kernel's business. */
const events = fc
  .array(oneEvent, { minLength: 1, maxLength: 12 })
  .map((list) => list.map(({ name, second, data }, n) => event(name, second, data, `e-${n}`)));

const gap = fc.constantFrom(0, 1_000, 599_999, 600_000, 3_600_000, 90_000_000);
const history = events.chain((list) =>
  fc.tuple(
    fc.constant(list),
    fc.shuffledSubarray(list, { minLength: list.length }),
    fc.array(gap, { minLength: list.length, maxLength: list.length }),
    fc.array(gap, { minLength: list.length, maxLength: list.length }),
  ),
);

/** The record itself, without what is about this event of it. */
const content = (record: Partial<ReturnType<typeof run>['records'][number]> = {}) => {
  const { revision: _revision, stage: _stage, replaces: _replaces, ...rest } = record;
  return JSON.stringify(rest);
};

describe('a call, whatever the order, the gaps and the timers between', () => {
  it('ends with the same facts and the same record', () => {
    fc.assert(
      fc.property(history, ([list, shuffled, gaps, otherGaps]) => {
        const one = run(list, gaps);
        const other = run(shuffled, otherGaps);
        expect(JSON.stringify(other.state.facts)).toBe(JSON.stringify(one.state.facts));
        expect(content(other.records.at(-1))).toBe(content(one.records.at(-1)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('publishes revisions 1, 2, 3 …, no two of them equal in a row, and an unbroken chain of stages', () => {
    fc.assert(
      fc.property(history, ([, shuffled, gaps]) => {
        const { records, emitted, state } = run(shuffled, gaps);
        expect(records.map(({ revision }) => revision)).toEqual(records.map((_, index) => index + 1));
        expect(emitted.filter(({ type: name }) => name === 'call.completed')).toHaveLength(1);
        records.forEach((record, index) => {
          const before = records[index - 1];
          expect(content(record)).not.toBe(content(before));
          expect(before ?? {}).toMatchObject(record.replaces ?? {});
          expect(record.replaces?.revision).toBe(before?.revision);
        });
        const stages = emitted.map(({ data }) => (data as { stage: { from: string; to: string } }).stage);
        expect(stages.map(({ from }) => from)).toEqual(['none', ...stages.slice(0, -1).map(({ to }) => to)]);
        expect(stages.at(-1)?.to).toBe(state.stage);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has figures that are absent or at least 0, each of them at times there and at times not', () => {
    const names = ['waitSeconds', 'ringSeconds', 'talkSeconds', 'holdSeconds', 'wrapupSeconds'] as const;
    const seen = new Set<string>();
    fc.assert(
      fc.property(events, (list) => {
        for (const record of run(list).records) {
          for (const name of names) {
            const figure = record[name];
            seen.add(figure === undefined ? `${name} absent` : name);
            if (figure !== undefined) expect(figure, name).toBeGreaterThanOrEqual(0);
          }
          expect(record.startedAt <= record.endedAt).toBe(true);
        }
      }),
      { numRuns: 1_000, seed: 7 },
    );
    expect(seen).toEqual(new Set(names.flatMap((name) => [name, `${name} absent`])));
  });

  it('has a talk time and an after-call time exactly where both their ends are known and in order', () => {
    let known = 0;
    fc.assert(
      fc.property(events, (list) => {
        const { records, state } = run(list);
        const record = records.at(-1);
        if (record === undefined) return;
        const times = (...types: string[]) => state.facts.steps.filter((s) => types.includes(s.type)).map((s) => s.at);
        const answered = times('call.answered')[0];
        const over = times('call.ended').at(-1) ?? times('call.abandoned').at(-1);
        const wrapped = times('call.wrapup.ended').at(-1);
        const inOrder = (from?: number, to?: number) => from !== undefined && to !== undefined && from <= to;
        expect(record.talkSeconds !== undefined).toBe(inOrder(answered, over));
        expect(record.wrapupSeconds !== undefined).toBe(inOrder(over, wrapped));
        known += record.talkSeconds === undefined ? 0 : 1;
      }),
      { numRuns: 1_000, seed: 7 },
    );
    expect(known).toBeGreaterThan(50);
  });
});

describe('joining facts', () => {
  const facts = (message: Message) => factsOf(message as CallMessage, 'key', T0 + 3_600_000);

  it('is commutative, associative and idempotent', () => {
    const joined = events.map((list) => list.map(facts));
    fc.assert(
      fc.property(joined, fc.nat(), fc.nat(), (list, m, n) => {
        const [i, j] = [m % (list.length + 1), n % (list.length + 1)].toSorted((x, y) => x - y) as [number, number];
        const all = (part: typeof list) => part.reduce(join, NO_FACTS);
        const [a, b, c] = [all(list.slice(0, i)), all(list.slice(i, j)), all(list.slice(j))];
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        expect(join(a, a)).toEqual(a);
      }),
    );
  });
});
