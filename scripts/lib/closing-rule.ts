// How often the closing rule closes a case, by what the training truly changed: played through with the service's own verdict.
import type { ReEvaluationResult } from '@coachloop/contracts';
import type { Policy as TriggerPolicy } from '@coachloop/training-assignment';
import { judge } from '../../services/evaluation/src/domain/judgement.ts';
import type { Policy } from '../../services/evaluation/src/domain/policy.ts';
import type { OpenWindow } from '../../services/evaluation/src/domain/review.ts';
import { type Confidence, upperBound } from '../../services/training-assignment/src/domain/bound.ts';

type Call = { score: number; failedCritically?: true };
/** The rule of the trigger policy that opens most cases. */
export type Trigger = { below: number; confidence: Confidence; calls: number; minCalls: number };
/** How many critical failures among how many calls open a case. */
export type Critical = { fails: number; calls: number };
type Random = () => number;

const CASES = 2_000;
/** Fewer where cases are so rare that thousands of calls are played for one. */
const RARE_CASES = 200;
const QUESTIONS = 2;
/** A true level of an agent: how often a question of the competency is answered with yes. */
const LEVELS = [0.35, 0.5, 0.65, 0.8, 0.9, 1];
const BEFORE = [0.35, 0.5, 0.65];
/** Levels of agents whose calls before reach the mark. */
const GOOD = [0.8, 0.9, 0.95];
/** Of an agent who hardly ever gets a case by the level alone. */
const ABOVE = 0.8;
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
  return {
    score: (100 * answers.filter(Boolean).length) / QUESTIONS,
    // The first question is the critical one.
    ...(answers[0] ? {} : { failedCritically: true }),
  };
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

/** The calls up to the critical failure that opens a case. */
function untilFailed(level: number, critical: Critical, random: Random): Call[] {
  const calls: Call[] = [];
  const fails = () => calls.filter(({ failedCritically }) => failedCritically).length;
  while (fails() < critical.fails || !calls.at(-1)?.failedCritically) {
    calls.push(callAt(level, random));
    if (calls.length > critical.calls) calls.shift();
  }
  return calls;
}

/** The verdict of the service on these calls; only their scores matter to it. */
function verdictOf(before: readonly Call[], after: readonly Call[], policy: Policy): ReEvaluationResult['outcome'] {
  const ids = { callId: '', evaluationId: '' };
  const window: OpenWindow = {
    ...{ caseId: '', assignmentId: '', attempt: 1, competency: '', courseId: '', form: { id: '', version: 1 } },
    ...{ completedAt: 0, deadlineAt: 0, calls: policy.calls, passMark: policy.passMark },
    ...(policy.closeHeld ? { closeHeld: true } : {}),
    before: {
      n: before.length,
      mean: null,
      sd: null,
      calls: before.map(({ score }) => ({ ...ids, endedAt: '', score })),
    },
    after: after.map((call) => ({ ...ids, ...call, revision: 1, endedAt: 0 })),
  };
  return judge(window, policy).outcome;
}

/** Share of cases that are closed as improved after at most so many courses, none of which changes the level after. */
export function shareClosed(
  levels: { before: number; after: number },
  policy: Policy,
  trigger: Trigger,
  { cases = CASES, courses = 1 } = {},
): number {
  const random = seeded(20_260_101);
  let closed = 0;
  for (let i = 0; i < cases; i++) {
    const before = untilTriggered(levels.before, trigger, random).slice(-policy.before.calls);
    for (let course = 0; course < courses; course++) {
      const after = Array.from({ length: policy.calls }, () => callAt(levels.after, random));
      const outcome = verdictOf(before, after, policy);
      if (outcome === 'closed') closed++;
      if (outcome === 'closed' || outcome === 'held') break;
    }
  }
  return closed / cases;
}

/** Of cases opened by critical failures: the share of each outcome at the first re-evaluation. */
export function outcomesOf(
  levels: { before: number; after: number },
  policy: Policy,
  critical: Critical,
  cases = CASES,
) {
  const random = seeded(20_260_102);
  const counts = { closed: 0, held: 0 };
  for (let i = 0; i < cases; i++) {
    // Calls went on until the course was done.
    const before = [
      ...untilFailed(levels.before, critical, random),
      ...Array.from({ length: 5 }, () => callAt(levels.before, random)),
    ];
    const after = Array.from({ length: policy.calls }, () => callAt(levels.after, random));
    const outcome = verdictOf(before.slice(-policy.before.calls), after, policy);
    if (outcome === 'closed' || outcome === 'held') counts[outcome]++;
  }
  return { closed: counts.closed / cases, held: counts.held / cases };
}

export function levelRuleOf({ rules }: TriggerPolicy): Trigger {
  const rule = rules['low-level'];
  if (!rule?.enabled)
    throw new Error('The default trigger policy has no rule low-level: write docs/closing-rule.md for what it has.');
  return rule;
}

export function criticalRuleOf({ rules }: TriggerPolicy): Critical {
  const rule = rules['critical-failure'];
  if (!rule?.enabled)
    throw new Error(
      'The default trigger policy has no rule critical-failure: write docs/closing-rule.md for what it has.',
    );
  return { fails: rule.fails, calls: rule.calls };
}

export function renderClosingRule(policy: Policy, trigger: Trigger, critical: Critical): string {
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
    'An agent who is good otherwise and failed a critical question twice has little to improve on: their calls before are at the mark',
    'already, and no perfect call after them can prove a rise. So the case is closed, too, as *held*, when',
    '',
    `1. the mean of the calls before had reached ${policy.passMark}, and the mean of the calls after does,`,
    '2. no critical question of the competency was missed in the calls after, and',
    `3. the criterion that the case is about, where it is about one (fails in a row), was met on at least ${policy.passMark} % of them.`,
    '',
    '*Held* claims no improvement: none was measured. It counts as mastered, not as improved ([figures](metrics.md)).',
    'Where an improvement is proven, the outcome is *improved*, whatever the calls before were.',
    '',
    `Else the course is followed by another one, ${policy.repeats} times at most, and then the case is escalated. With too few calls by the`,
    `deadline (${policy.deadlineDays} days), or at the mark with fewer than ${policy.before.minCalls} calls before to compare with, the outcome is *insufficient evidence*: the case ends, and the team leader`,
    'is told. All of these are in [the policy](../services/evaluation/policies/default.v3.yaml). A re-evaluation that is under way keeps the number of calls, the mark, the deadline',
    'and what it says of *held* from the policy under which it began, which its event names (`policyVersion`). How many courses may follow, and how many calls before are enough, is by the policy in force.',
    '',
    '## What that finds',
    '',
    `Share of cases closed at the first re-evaluation, ${CASES.toLocaleString('en')} played cases per figure. An agent answers each of ${QUESTIONS} questions of a`,
    `competency with yes as often as their level says; the case opens when the upper ${100 * trigger.confidence} % bound of the last ${trigger.minCalls} to ${trigger.calls} calls falls`,
    `below ${trigger.below}, so that the calls before look worse than the agent is (regression to the mean is in the figures). Where the level after is`,
    'the level before, the training did nothing: closing is then a mistake. An agent at 80 % is not in the table, since hardly one of them',
    'gets a case ([how sure that is](truth.md)); what becomes of the few stands below it.',
    '',
    `### With ${policy.calls} calls, the default`,
    '',
    ...table(policy.calls),
    ...mistakes(policy, trigger),
    '',
    `### With ${FEWER} calls`,
    '',
    ...table(FEWER),
    `### With ${MORE} calls`,
    '',
    ...table(MORE),
    '### Good before, and two critical failures',
    '',
    `Cases opened by ${critical.fails} critical failures within ${critical.calls} calls; one of the ${QUESTIONS} questions is critical. Share closed as improved + as held:`,
    '',
    `| true level before | ${LEVELS.map((level) => `after ${percent(level)}`).join(' | ')} |`,
    `|---|${LEVELS.map(() => '---:|').join('')}`,
    ...GOOD.map((before) => {
      const shares = LEVELS.map((after) => outcomesOf({ before, after }, policy, critical));
      return `| ${percent(before)} | ${shares.map(({ closed, held }) => `${percent(closed)} + ${percent(held)}`).join(' | ')} |`;
    }),
    '',
    'The critical question is met as often as the level says, too: an agent who stays at 90 % misses it on one call of ten, and passes',
    'five calls without it in six cases of ten. The others get a second course, and another chance.',
    '',
    'Few calls answer soon and find a great change; a small one is often not proven, and the agent gets a second course. More calls find',
    'more of the real changes, and take longer. The figures are made by `npm run docs` with the code of the services; real calls are not',
    'independent of each other, so take them as an order of size.',
    '',
  ].join('\n');
}

/** What the table leaves out of mistakes: several re-evaluations, agents who had no need, and where a played centre shows both. */
function mistakes(policy: Policy, trigger: Trigger): string[] {
  const courses = policy.repeats + 1;
  const unchanged = (level: number, options: { cases?: number; courses?: number }) =>
    percent(shareClosed({ before: level, after: level }, policy, trigger, options));
  const inTheEnd = BEFORE.map((level) => `${unchanged(level, { courses })} at ${percent(level)}`);
  return [
    `The table is of one re-evaluation. Where no course helps, a case has up to ${courses} of them, and each is another chance to close it by mistake:`,
    `in the end ${inTheEnd.join(', ')} are closed as improved. An agent at ${percent(ABOVE)} gets a case by a few bad calls in a row, and the usual ones`,
    `after them look like a rise: ${unchanged(ABOVE, { cases: RARE_CASES })} of such cases are closed as improved at the first re-evaluation (${RARE_CASES} played). The levels are those that the`,
    'form hears: who is at 90 % and heard at 65 % counts as 65 % here. What came of all this in a played centre stands [beside the truth](truth.md#closing).',
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
