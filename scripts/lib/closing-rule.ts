// How often the closing rule closes a case, by what the training truly changed: played through with the service's own verdict.
import type { ReEvaluationResult } from '@coachloop/contracts';
import { judge } from '../../services/evaluation/src/domain/judgement.ts';
import type { Policy } from '../../services/evaluation/src/domain/policy.ts';
import type { OpenWindow } from '../../services/evaluation/src/domain/review.ts';

type Call = { score: number; firstFailed: boolean };
type Random = () => number;

const CASES = 2_000;
const QUESTIONS = 2;
const FAILS_IN_A_ROW = 3;
/** A true level of an agent: how often a question of the competency is answered with yes. */
const LEVELS = [0.4, 0.6, 0.8, 0.9, 1];
const BEFORE = [0.4, 0.6, 0.8];

/** Marsaglia's xorshift32: the same table on every machine. */
function seeded(seed: number): Random {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

function callAt(level: number, random: Random): Call {
  const answers = Array.from({ length: QUESTIONS }, () => random() < level);
  return { score: (100 * answers.filter(Boolean).length) / QUESTIONS, firstFailed: answers[0] === false };
}

/** The calls up to the moment at which the default trigger fires: so they look worse than the agent is. */
function untilTriggered(level: number, keep: number, random: Random): Call[] {
  const calls: Call[] = [];
  let fails = 0;
  while (fails < FAILS_IN_A_ROW) {
    const call = callAt(level, random);
    fails = call.firstFailed ? fails + 1 : 0;
    calls.push(call);
    if (calls.length > keep) calls.shift();
  }
  return calls;
}

/** The verdict of the service on these calls; only their scores matter to it. */
function verdictOf(before: readonly Call[], after: readonly Call[], policy: Policy): ReEvaluationResult['outcome'] {
  const ids = { callId: '', evaluationId: '' };
  const window: OpenWindow = {
    ...{ caseId: '', assignmentId: '', attempt: 1, competency: '', courseId: '', form: { id: '', version: 1 } },
    ...{ completedAt: 0, deadlineAt: 0, calls: policy.calls, passMark: policy.passMark },
    before: {
      n: before.length,
      mean: null,
      sd: null,
      calls: before.map(({ score }) => ({ ...ids, endedAt: '', score })),
    },
    after: after.map(({ score }) => ({ ...ids, revision: 1, endedAt: 0, score })),
  };
  return judge(window, policy).outcome;
}

/** Share of cases that are closed at the first re-evaluation. */
export function shareClosed(levels: { before: number; after: number }, policy: Policy, cases = CASES): number {
  const random = seeded(20_260_101);
  let closed = 0;
  for (let i = 0; i < cases; i++) {
    const before = untilTriggered(levels.before, policy.before.calls, random);
    const after = Array.from({ length: policy.calls }, () => callAt(levels.after, random));
    if (verdictOf(before, after, policy) === 'closed') closed++;
  }
  return closed / cases;
}

export function renderClosingRule(policy: Policy): string {
  const table = (calls: number) => [
    `| true level before | ${LEVELS.map((level) => `after ${percent(level)}`).join(' | ')} |`,
    `|---|${LEVELS.map(() => '---:|').join('')}`,
    ...BEFORE.map((before) => {
      const shares = LEVELS.map((after) => percent(shareClosed({ before, after }, { ...policy, calls })));
      return `| ${percent(before)} | ${shares.join(' | ')} |`;
    }),
    '',
  ];
  return [
    '# When a case is closed, and how sure that is',
    '',
    `After a training the agent's next ${policy.calls} calls on which the competency was asked are compared with up to`,
    `${policy.before.calls} calls before it, on the same form version. The case is *closed* when`,
    '',
    `1. the mean of the calls after is at least ${policy.passMark}, and`,
    "2. the lower bound of the two-sided 80 % interval of the difference is above 0 (Student's two-sample t, pooled variance).",
    '',
    `Else the course is followed by another one, ${policy.repeats} times at most, and then the case is escalated. With too few calls by the`,
    `deadline (${policy.deadlineDays} days) the outcome is *insufficient evidence*. All of these are in`,
    '[the policy](../services/evaluation/policies/default.v1.yaml).',
    '',
    '## What that finds',
    '',
    `Share of cases closed at the first re-evaluation, ${CASES.toLocaleString('en')} played cases per figure. An agent answers each of ${QUESTIONS} questions of a`,
    `competency with yes as often as their level says; the case opens after ${FAILS_IN_A_ROW} fails of the first question in a row, so`,
    'that the calls before look worse than the agent is (regression to the mean is in the figures). Where the level after is the level',
    'before, the training did nothing: closing is then a mistake.',
    '',
    `### With ${policy.calls} calls, the default`,
    '',
    ...table(policy.calls),
    '### With 8 calls',
    '',
    ...table(8),
    'Three calls answer soon and find a great change; a small one is often not proven, and the agent gets a second course. Eight calls',
    'find more of the real changes, and take longer. Against one mistake they help little: an agent who was good all along and had bad',
    'luck is good again after any course. The figures are made by `npm run docs` with the code of the service; real calls are not',
    'independent of each other, so take them as an order of size.',
    '',
  ].join('\n');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
