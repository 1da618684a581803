/** For one evaluation: which rule fires, which does not, and why. */
import { documentIdOf, UNASSIGNED_AGENT } from '@coachloop/contracts';
import type { Learner, Result, Track, TriggerDecision } from './learner.ts';
import { type Catalogue, courseFor, type Policy } from './policy.ts';
import { type Measure, measure, type Point, RULES, thresholdOf } from './rules.ts';
import { DAY_MS } from './time.ts';

/** What is looked at: one evaluation, already among the learner's results unless it fell out of the window or is old news. */
export interface Subject {
  readonly result: Result;
  /** All competencies of the form, also those that were not answered. */
  readonly competencies: readonly string[];
  /** Cases may be opened whatever the age of the call. */
  readonly openCases: boolean;
  /** A newer revision of this evaluation is known already. */
  readonly superseded: boolean;
}

export interface OpenedCase {
  readonly caseId: string;
  readonly competency: string;
  readonly openedAt: number;
  readonly measure: Measure;
}

export interface Rules {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
}

/**
 * The calls of a competency that count, oldest first. Not those that led to a case already, nor those that ended before
 * its training did: they say nothing about the agent of today, and would open the next case the moment this one ends.
 * Those of a case that was withdrawn count again: nobody was trained for them.
 */
export function countingPoints(
  results: readonly Result[],
  competency: string,
  track: Track | undefined,
): readonly Point[] {
  const points: Point[] = [];
  for (const result of results) {
    if (track && (result.endedAt <= track.countsAfter || track.consumed.includes(result.evaluationId))) continue;
    const found = result.competencies.find((c) => c.competency === competency);
    if (found) points.push({ result, competency: found });
  }
  return points;
}

/** Why no case opens although a rule is met; null: nothing stands against it. */
function obstacle(
  subject: Subject,
  competency: string,
  track: Track | undefined,
  rules: Rules,
  now: number,
): string | null {
  const { policy, catalogue } = rules;
  if (track?.openCase) return 'case-open';
  const coolDownMs = policy.coolDownDays * DAY_MS;
  if (track?.closedAt != null && subject.result.endedAt < track.closedAt + coolDownMs) return 'cool-down';
  if (!subject.openCases && subject.result.endedAt < now - policy.backfillAgeDays * DAY_MS) return 'backfill';
  if (!courseFor(catalogue, competency, 1)) return 'no-course';
  return null;
}

/** No rule was looked at, for this reason. */
export const silent = (competency: string, reason: string, policy: Policy): TriggerDecision[] =>
  RULES.map((rule) => ({
    competency,
    rule,
    fired: false,
    reason,
    observed: null,
    threshold: thresholdOf(rule, policy),
  }));

/** One competency: at most one case, by the first rule that is met. */
function decideOne(learner: Learner, subject: Subject, competency: string, rules: Rules, now: number) {
  const { policy } = rules;
  const nothing = (reason: string) => ({ decisions: silent(competency, reason, policy), opened: null });
  if (learner.agentId === UNASSIGNED_AGENT) return nothing('unassigned');
  if (subject.superseded) return nothing('superseded');
  if (!subject.result.competencies.some((c) => c.competency === competency)) return nothing('not-answered');
  // The competencies that later calls crowded out are not kept with it.
  const kept = learner.results.find((r) => r.evaluationId === subject.result.evaluationId);
  if (!kept?.competencies.some((c) => c.competency === competency)) return nothing('before-window');

  const track = learner.tracks.find((t) => t.competency === competency);
  const points = countingPoints(learner.results, competency, track);
  const point = points.find((p) => p.result === kept);
  // Only a call that counts may open a case, and it counts again only after one more case was withdrawn: no id is used twice.
  if (!point) return nothing('consumed');

  const again = track?.withdrawnCases ? [String(track.withdrawnCases)] : [];
  const against = obstacle(subject, competency, track, rules, now);
  let opened: OpenedCase | null = null;
  const decisions = measure(points, point, policy).map((m): TriggerDecision => {
    const said = { competency, rule: m.rule, observed: m.observed, threshold: m.threshold };
    const no = (reason: string) => ({ ...said, fired: false, reason });
    if (!policy.rules[m.rule]?.enabled) return no('disabled');
    if (!m.met) return no(m.unmet);
    if (against) return no(against);
    if (opened) return no('other-rule-fired');
    opened = {
      caseId: documentIdOf('case', learner.agentId, competency, subject.result.evaluationId, ...again),
      competency,
      openedAt: Math.max(...m.points.map((p) => p.result.endedAt)),
      measure: m,
    };
    return { ...said, fired: true, reason: 'fired' };
  });
  return { decisions, opened: opened as OpenedCase | null };
}

export interface Judgement {
  readonly decisions: readonly TriggerDecision[];
  readonly opened: readonly OpenedCase[];
}

/** Pure; `learner` holds the evaluation already. */
export function judge(learner: Learner, subject: Subject, rules: Rules, now: number): Judgement {
  const each = subject.competencies.map((competency) => decideOne(learner, subject, competency, rules, now));
  return { decisions: each.flatMap((e) => e.decisions), opened: each.flatMap((e) => (e.opened ? [e.opened] : [])) };
}
