// How often the closing rule closes a case, by what the training truly changed: played through with the service's own verdict.
import type { ReEvaluationResult } from '@coachloop/contracts';
import type { Policy as TriggerPolicy } from '@coachloop/training-assignment';
import { judge } from '../../services/evaluation/src/domain/judgement.ts';
import type { Policy } from '../../services/evaluation/src/domain/policy.ts';
import type { OpenWindow } from '../../services/evaluation/src/domain/review.ts';
import { type Confidence, upperBound } from '../../services/training-assignment/src/domain/bound.ts';

type Call = { score: number };
/** The rule of the trigger policy that opens most cases. */
export type Trigger = { below: number; confidence: Confidence; calls: number; minCalls: number };
type Random = () => number;

const CASES = 2_000;
const QUESTIONS = 2;
/** A true level of an agent: how often a question of the competency is answered with yes. */
const LEVELS = [0.35, 0.5, 0.65, 0.8, 0.9, 1];
const BEFORE = [0.35, 0.5, 0.65];
/** Calls to look at for a second table. */
const FEWER = 3;
const MORE = 8;

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
  return { score: (100 * answers.filter(Boolean).length) / QUESTIONS };
}

/** The calls up to the moment at which the default trigger fires: so they look worse than the agent is. */
function untilTriggered(level: number, trigger: Trigger, random: Random): Call[] {
  const calls: Call[] = [];
  const isLow = () => {
    const latest = calls.slice(-trigger.calls).map(({ score }) => score);
    return latest.length >= trigger.minCalls && upperBound(latest, trigger.confidence) < trigger.below;
  };
  while (!isLow()) {
    calls.push(callAt(level, random));
    if (calls.length > trigger.calls) calls.shift();
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
export function shareClosed(
  levels: { before: number; after: number },
  policy: Policy,
  trigger: Trigger,
  cases = CASES,
): number {
  const random = seeded(20_260_101);
  let closed = 0;
  for (let i = 0; i < cases; i++) {
    const before = untilTriggered(levels.before, trigger, random).slice(-policy.before.calls);
    const after = Array.from({ length: policy.calls }, () => callAt(levels.after, random));
    if (verdictOf(before, after, policy) === 'closed') closed++;
  }
  return closed / cases;
}

export function levelRuleOf({ rules }: TriggerPolicy): Trigger {
  const rule = rules['low-level'];
  if (!rule?.enabled)
    throw new Error('The default trigger policy has no rule low-level: write docs/closing-rule.md for what it has.');
  return rule;
}

export function renderClosingRule(policy: Policy, trigger: Trigger): string {
  const table = (calls: number) => [
    `| true level before | ${LEVELS.map((level) => `after ${percent(level)}`).join(' | ')} |`,
    `|---|${LEVELS.map(() => '---:|').join('')}`,
    ...BEFORE.map((before) => {
      const shares = LEVELS.map((after) => percent(shareClosed({ before, after }, { ...policy, calls }, trigger)));
      return `| ${percent(before)} | ${shares.join(' | ')} |`;
    }),
    '',
  ];
  return [
    '# When a case is closed, and how sure that is',
    '',
    `After a training the agent's next ${policy.calls} calls on which the competency was asked are compared with up to`,
    `${policy.before.calls} calls before it, on the same form version (before the first training, where there was more than one). The case is *closed* when`,
    '',
    `1. the mean of the calls after is at least ${policy.passMark}, and`,
    "2. the lower bound of the two-sided 80 % interval of the difference is above 0 (Student's two-sample t, pooled variance).",
    '',
    `Else the course is followed by another one, ${policy.repeats} times at most, and then the case is escalated. With too few calls by the`,
    `deadline (${policy.deadlineDays} days) the outcome is *insufficient evidence*. All of these are in`,
    '[the policy](../services/evaluation/policies/default.v2.yaml).',
    '',
    '## What that finds',
    '',
    `Share of cases closed at the first re-evaluation, ${CASES.toLocaleString('en')} played cases per figure. An agent answers each of ${QUESTIONS} questions of a`,
    `competency with yes as often as their level says; the case opens when the upper ${100 * trigger.confidence} % bound of the last ${trigger.minCalls} to ${trigger.calls} calls falls`,
    `below ${trigger.below}, so that the calls before look worse than the agent is (regression to the mean is in the figures). Where the level after is`,
    'the level before, the training did nothing: closing is then a mistake. An agent at 80 % is not in the table, since hardly one of them',
    'gets a case ([how sure that is](truth.md)).',
    '',
    `### With ${policy.calls} calls, the default`,
    '',
    ...table(policy.calls),
    `### With ${FEWER} calls`,
    '',
    ...table(FEWER),
    `### With ${MORE} calls`,
    '',
    ...table(MORE),
    'Few calls answer soon and find a great change; a small one is often not proven, and the agent gets a second course. More calls find',
    'more of the real changes, and take longer. The figures are made by `npm run docs` with the code of the services; real calls are not',
    'independent of each other, so take them as an order of size.',
    '',
  ].join('\n');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
