/** Whatever order evaluations, reports, results, timers and the two aggregates' own events come in, the rules hold. */
import type { Emit, Message, TrainingEventData } from '@coachloop/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Assignment, type Case, type CaseState, LEGAL_MOVES, unknownCase } from '../src/domain/case.ts';
import { handleCase } from '../src/domain/cases.ts';
import { type Learner, newLearner } from '../src/domain/learner.ts';
import { handleLearner } from '../src/domain/learners.ts';
import type { Rules } from '../src/domain/triggers.ts';
import { AGENT, DAY, HOUR, iso, message, RULES, Subject, scored, T0, uuid, withdrawn } from './given.ts';

const COMPETENCIES = ['service-attitude', 'call-control'] as const;
const rules = { ...RULES, policy: { ...RULES.policy, coolDownDays: 0.05 } };
/** Cases of several calls, which one alone would have opened by the rule above all others. */
const bySeveral = {
  ...rules,
  policy: {
    ...rules.policy,
    rules: { ...rules.policy.rules, 'critical-failure': { enabled: false, fails: 1, calls: 1 } },
  },
};

const answer = fc.constantFrom('yes', 'no', 'na', 'yes!', 'no!' as const);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('score' as const),
      n: fc.nat(150),
      competency: fc.constantFrom(...COMPETENCIES),
      a: answer,
      b: answer,
      revision: fc.constantFrom(1, 1, 1, 2, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('void' as const), which: fc.nat(5) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), from: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('complete' as const), which: fc.nat(5), passed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), which: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('result' as const),
      which: fc.nat(5),
      outcome: fc.constantFrom('closed', 'held', 'repeated', 'escalated', 'insufficient-evidence' as const),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** The learner and its cases on a bus: order is kept per source document, and nothing else. */
class Centre {
  readonly rules: Rules;
  readonly learner: Subject<Learner>;
  constructor(given: Rules) {
    this.rules = given;
    this.learner = new Subject<Learner>(newLearner(AGENT), handleLearner(given));
  }
  now = T0;
  /** When call n ended: some hours before it is first heard of, so that calls come late and out of order. */
  readonly ends = new Map<number, number>();
  readonly cases = new Map<string, Subject<CaseState>>();
  /** Source document → what it has said and was not heard yet. */
  readonly waiting = new Map<string, Emit[]>();

  put(source: string, events: readonly Emit[]): void {
    this.waiting.set(source, [...(this.waiting.get(source) ?? []), ...events]);
  }
  at(which: number): [string, Subject<CaseState>] | undefined {
    const all = [...this.cases];
    return all.length === 0 ? undefined : all[which % all.length];
  }
  deliver(from: number): boolean {
    const sources = [...this.waiting].filter(([, queue]) => queue.length > 0);
    const [, queue] = sources[from % Math.max(1, sources.length)] ?? [];
    const event = queue?.shift();
    if (!event) return false;
    const m = message(event.type, event.data, this.now);
    if (event.type === 'training.case.opened') {
      const { caseId } = event.data as TrainingEventData<'training.case.opened'>;
      expect(this.cases.has(caseId), 'a case id is used once').toBe(false);
      this.cases.set(caseId, new Subject<CaseState>(unknownCase(caseId), handleCase(this.rules)));
      this.tell(caseId, m);
    } else if (event.type === 'training.case.cause.withdrawn') {
      this.tell((event.data as { caseId: string }).caseId, m);
    } else if (event.type === 'training.completed' || event.type === 'training.case.closed') {
      this.put('learner', this.learner.when(m));
    }
    return true;
  }
  tell(caseId: string, m: Message): void {
    const subject = this.cases.get(caseId);
    if (subject) this.put(caseId, subject.when(m, Math.max(this.now, m.time)));
  }
  act(a: Action): void {
    this.now += HOUR;
    if (a.do === 'deliver') this.deliver(a.from);
    else if (a.do === 'score') this.score(a);
    else if (a.do === 'void') this.withdraw(a.which);
    else {
      const [caseId, subject] = this.at(a.which) ?? [];
      const assignment = subject && subject.state.stage !== null ? subject.state.assignments.at(-1) : undefined;
      if (!caseId || !subject || !assignment) return;
      if (a.do !== 'wake') this.tell(caseId, this.report(a, subject.state as Case, assignment));
      else if (subject.wakeAt !== null) {
        this.now = Math.max(this.now, subject.wakeAt);
        this.tell(caseId, { ...message('timer', null, subject.wakeAt), kind: 'timer' });
      }
    }
  }
  /** A call that led to the case turns out to be another agent's. */
  withdraw(which: number): void {
    const state = this.at(which)?.[1].state;
    const calls = state && state.stage !== null ? state.trigger.calls : [];
    const cause = calls[which % Math.max(1, calls.length)]?.callId;
    if (cause === undefined) return;
    const n = Number.parseInt(cause.slice(-12), 16);
    this.put('learner', this.learner.when(withdrawn({ n, endedAt: this.now, answers: {}, revision: 4 }), this.now));
  }
  score({ n, competency, a, b, revision }: Action & { do: 'score' }): void {
    const endedAt = this.ends.get(n) ?? this.now - (n % 8) * HOUR;
    this.ends.set(n, endedAt);
    const m = scored({ n, endedAt, competency, answers: { a, b }, revision });
    this.put('learner', this.learner.when(m, this.now));
  }
  report(a: Action & { which: number }, state: Case, { assignmentId, course, attempt }: Assignment): Message {
    const at = iso(this.now);
    const sourceId = `s${this.now}`;
    if (a.do === 'start')
      return message('training.start.reported', { assignmentId, startedAt: at, sourceId }, this.now);
    if (a.do === 'complete') {
      const report = { assignmentId, courseId: course.id, completedAt: at, passed: a.passed, sourceId };
      return message('training.completion.reported', report, this.now);
    }
    const sample = { n: 0, mean: null, sd: null, calls: [] };
    const { caseId, competency, form } = state;
    const outcome = a.do === 'result' ? a.outcome : undefined;
    const about = { caseId, assignmentId, attempt, agentId: AGENT, competency, form, outcome };
    const numbers = { before: sample, after: sample, difference: null, interval80: null, passMark: 75 };
    return message('evaluation.completed', { ...about, ...numbers, decidedAt: at }, this.now);
  }
  openCases(): Case[] {
    return [...this.cases.values()].flatMap((s) => (s.state.stage !== null && s.state.open ? [s.state] : []));
  }
  check(): void {
    const open = this.openCases().map((c) => c.competency);
    expect(new Set(open).size, 'one open case per competency').toBe(open.length);
    for (const { state, wakeAt } of this.cases.values()) {
      if (state.stage === null) continue;
      const waits = state.stage === 'assigned' || state.stage === 'in-training';
      expect(wakeAt !== null, `a timer exactly while a course is to be done (${state.stage})`).toBe(waits);
    }
  }
  checkAtRest(): void {
    const known = this.learner.state.tracks.flatMap((t) => t.openCase ?? []).sort();
    expect(
      this.openCases()
        .map((c) => c.caseId)
        .sort(),
    ).toEqual(known);
    expect(this.cases.size).toBe(this.learner.types().filter((t) => t === 'training.case.opened').length);
    for (const subject of this.cases.values()) {
      const state = subject.state as Case;
      state.history.forEach(({ from, to }, i) => {
        expect(from).toBe(state.history[i - 1]?.to ?? null);
        if (from !== null) expect(LEGAL_MOVES[from]).toContain(to);
      });
      expect(subject.types().filter((t) => t === 'training.case.closed')).toHaveLength(state.open ? 0 : 1);
      expect(state.assignments.length).toBeLessThanOrEqual(rules.policy.repeats + 1);
      expect(state.assignments.every((a) => a.retake <= rules.policy.retakes)).toBe(true);
    }
    // Nothing counts twice: no evaluation is in the proof of two cases of one competency, but of those that were withdrawn.
    for (const competency of COMPETENCIES) {
      const proofs = this.proofs(competency, (c) => c.stage !== 'withdrawn');
      expect(new Set(proofs).size).toBe(proofs.length);
    }
  }
  proofs(competency: string, which: (c: Case) => boolean): readonly string[] {
    return [...this.cases.values()]
      .map((s) => s.state as Case)
      .filter((c) => c.competency === competency && which(c))
      .flatMap((c) => c.trigger.calls.map((call) => call.evaluationId));
  }
  /** Evaluations that led to a case which was withdrawn, and then to one that was not. */
  givenBack(): number {
    return COMPETENCIES.flatMap((competency) => {
      const standing = new Set(this.proofs(competency, (c) => c.stage !== 'withdrawn'));
      return this.proofs(competency, (c) => c.stage === 'withdrawn').filter((id) => standing.has(id));
    }).length;
  }
}

test('any interleaving keeps one open case per competency, legal histories, one end per case, and its timers', () => {
  let opened = 0;
  let ended = 0;
  let second = 0;
  let taken = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 100, maxLength: 300 }), (actions) => {
      const centre = new Centre(rules);
      for (const a of actions) {
        centre.act(a);
        centre.check();
      }
      while (centre.deliver(0)) centre.check();
      centre.checkAtRest();
      opened += centre.cases.size;
      ended += centre.cases.size - centre.openCases().length;
      second += centre.cases.size > COMPETENCIES.length ? 1 : 0;
      taken += [...centre.cases.values()].filter(({ state }) => state.stage === 'withdrawn').length;
    }),
    { numRuns: 300, seed: 7 },
  );
  // The property is worth what it reached.
  expect(opened).toBeGreaterThan(100);
  expect(ended).toBeGreaterThan(50);
  expect(second).toBeGreaterThan(20);
  expect(taken).toBeGreaterThan(5);
});

test('in any interleaving the other calls of a case that was withdrawn count once more, and never towards two that stand', () => {
  const score = fc.record({
    do: fc.constant('score' as const),
    n: fc.nat(40),
    competency: fc.constant(COMPETENCIES[0]),
    a: fc.constantFrom('no', 'no', 'no', 'yes' as const),
    b: fc.constantFrom('no', 'yes' as const),
    revision: fc.constantFrom(1, 1, 2),
  });
  const withdrawing = fc.oneof(
    { weight: 4, arbitrary: score },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), which: fc.nat(20) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), from: fc.nat(20) }) },
  );
  let givenBack = 0;
  fc.assert(
    fc.property(fc.array(withdrawing, { minLength: 30, maxLength: 120 }), (actions) => {
      const centre = new Centre(bySeveral);
      for (const a of actions) {
        centre.act(a);
        centre.check();
      }
      while (centre.deliver(0)) centre.check();
      centre.checkAtRest();
      givenBack += centre.givenBack();
    }),
    { numRuns: 200, seed: 7 },
  );
  expect(givenBack).toBeGreaterThan(10);
});

test('the window does not depend on the order in which evaluations arrive', () => {
  const calls = fc.uniqueArray(fc.record({ n: fc.nat(200), hour: fc.nat(50), a: answer, b: answer }), {
    selector: (c) => c.n,
    minLength: 5,
    maxLength: 60,
  });
  const deal = calls.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(deal, ([inOrder, shuffled]) => {
      const windowOf = (list: typeof inOrder) => {
        const learner = new Subject<Learner>(newLearner(AGENT), handleLearner(rules));
        for (const { n, hour, a, b } of list)
          learner.when(scored({ n, endedAt: T0 + hour * HOUR, answers: { a, b } }), T0 + 3 * DAY);
        return learner.state.results;
      };
      expect(windowOf(shuffled)).toEqual(windowOf(inOrder));
    }),
    { numRuns: 100, seed: 7 },
  );
});

test('the same messages give the same bytes', () => {
  const run = () => {
    const learner = new Subject<Learner>(newLearner(AGENT), handleLearner(rules));
    for (let n = 0; n < 10; n++)
      learner.when(scored({ n, endedAt: T0 + n * HOUR, answers: { a: n % 3 ? 'no' : 'yes' } }));
    return JSON.stringify([learner.state, learner.said]);
  };
  expect(run()).toBe(run());
  expect(run()).toContain(uuid(3));
});
