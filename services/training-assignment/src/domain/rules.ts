/** The trigger rules: each measures the results that count, and says whether its condition is met. Whether a case follows is decided elsewhere. */
import { BOUNDS, type TriggerRule } from '@coachloop/contracts';
import { upperBound } from './bound.ts';
import type { CompetencyResult, Result } from './learner.ts';
import type { Policy } from './policy.ts';

/** One competency on one call, with the call. */
export interface Point {
  readonly result: Result;
  readonly competency: CompetencyResult;
}

export interface Measure {
  readonly rule: TriggerRule;
  readonly observed: number | null;
  readonly threshold: number;
  readonly met: boolean;
  /** Stable word for the log when it is not met. */
  readonly unmet: string;
  /** The calls that were counted, oldest first. */
  readonly points: readonly Point[];
  /** The criterion, where the rule is about one. */
  readonly questionId?: string;
  /** Where the rule is about a level: what was scored on average, and how sure its bound is. */
  readonly mean?: number;
  readonly confidence?: number;
}

/** In this order; the first one that is met opens the case. */
export const RULES: readonly TriggerRule[] = ['critical-failure', 'consecutive-fails', 'low-level', 'low-moving-score'];

const failsCritically = (point: Point) => point.competency.no.some((q) => q.critical);

/**
 * About the call looked at: a late arrival is judged by itself and by what came before it, so that a critical failure is
 * not missed because later calls were scored first.
 */
function criticalFailure(points: readonly Point[], subject: Point, policy: Policy): Measure {
  const { calls, fails } = policy.rules['critical-failure'];
  const upTo = points.slice(0, points.indexOf(subject) + 1).slice(-calls);
  const failed = upTo.filter(failsCritically);
  return {
    rule: 'critical-failure',
    observed: failed.length,
    threshold: fails,
    met: failsCritically(subject) && failed.length >= fails,
    unmet: 'below-count',
    points: failed,
  };
}

/** The longest row of "no" to one question that reaches the latest call in which it was answered. */
function consecutiveFails(points: readonly Point[], policy: Policy): Measure {
  const { fails } = policy.rules['consecutive-fails'];
  const rows = new Map<string, Point[]>();
  const ended = new Set<string>();
  for (const point of points.toReversed()) {
    for (const questionId of point.competency.yes) ended.add(questionId);
    for (const { questionId } of point.competency.no) {
      if (ended.has(questionId)) continue;
      const row = rows.get(questionId);
      if (row) row.push(point);
      else rows.set(questionId, [point]);
    }
  }
  let longest: { questionId: string; row: Point[] } | undefined;
  for (const [questionId, row] of rows) {
    const longer = !longest || row.length > longest.row.length;
    const tie = longest && row.length === longest.row.length && questionId < longest.questionId;
    if (longer || tie) longest = { questionId, row };
  }
  const observed = longest?.row.length ?? 0;
  return {
    rule: 'consecutive-fails',
    observed,
    threshold: fails,
    met: observed >= fails,
    unmet: 'below-count',
    points: (longest?.row ?? []).slice(0, BOUNDS.window_calls_max).reverse(),
    ...(longest ? { questionId: longest.questionId } : {}),
  };
}

function lowMovingScore(points: readonly Point[], policy: Policy): Measure {
  const { below, calls, minCalls } = policy.rules['low-moving-score'];
  const latest = points.slice(-calls);
  const sum = latest.reduce((total, p) => total + p.competency.score, 0);
  const mean = latest.length === 0 ? null : sum / latest.length;
  const enough = latest.length >= minCalls;
  return {
    rule: 'low-moving-score',
    observed: mean === null ? null : Math.round(mean * 100) / 100,
    threshold: below,
    met: enough && mean !== null && mean < below,
    unmet: enough ? 'above-threshold' : 'too-few-calls',
    points: latest,
  };
}

/** The agent's true level is below the mark, as sure as asked: one bad call is luck, many are a level. */
function lowLevel(points: readonly Point[], policy: Policy): Measure {
  const rule = policy.rules['low-level'];
  const latest = rule ? points.slice(-rule.calls) : [];
  const scores = latest.map((p) => p.competency.score);
  const bound = rule && scores.length > 0 ? upperBound(scores, rule.confidence) : null;
  const enough = rule !== undefined && latest.length >= rule.minCalls;
  return {
    rule: 'low-level',
    observed: bound === null ? null : Math.round(bound * 100) / 100,
    threshold: rule?.below ?? 0,
    met: enough && bound !== null && bound < rule.below,
    unmet: enough ? 'above-threshold' : 'too-few-calls',
    points: latest,
    ...(rule && scores.length > 0
      ? {
          mean: Math.round((100 * scores.reduce((sum, s) => sum + s, 0)) / scores.length) / 100,
          confidence: rule.confidence,
        }
      : {}),
  };
}

/** Every rule on the points that count, oldest first; `subject` is one of them: the call looked at. */
export function measure(points: readonly Point[], subject: Point, policy: Policy): readonly Measure[] {
  return [
    criticalFailure(points, subject, policy),
    consecutiveFails(points, policy),
    lowLevel(points, policy),
    lowMovingScore(points, policy),
  ];
}

/** For what is logged where a rule is not applied at all. */
export function thresholdOf(rule: TriggerRule, policy: Policy): number {
  switch (rule) {
    case 'critical-failure':
      return policy.rules[rule].fails;
    case 'consecutive-fails':
      return policy.rules[rule].fails;
    case 'low-moving-score':
      return policy.rules[rule].below;
    case 'low-level':
      return policy.rules[rule]?.below ?? 0;
  }
}
