/** From what was played to what a reader asks: precision, recall, strong agents in training, and whether closing was right. */
import type { Agreement, Played, PlayedCase } from './play.ts';

/** `of`: how many there were; `yes`: how many of them were so. */
export interface Share {
  readonly yes: number;
  readonly of: number;
}

export interface AtCalls {
  readonly calls: number;
  /** Of the cases opened by then, those about a true weakness. */
  readonly precision: Share;
  /** Of the true weaknesses, those with a case by then. */
  readonly recall: Share;
  /** Of the agents who are weak in nothing, those sent to a training by then. */
  readonly strongSent: Share;
}

export interface Closing {
  /** Of the cases closed as improved, those whose agent had truly improved. */
  readonly closedRightly: Share;
  /** Of the cases closed as held, those whose agent truly was at the mark. */
  readonly heldRightly: Share;
  /** Of the cases that came to a verdict although nothing had improved, those closed as improved at some time. */
  readonly closedWrongly: Share;
  /** Of the first verdicts on agents who had truly improved, those that closed the case, as improved or as held. */
  readonly foundAtFirst: Share;
  /** Of the cases that ended after a true improvement, those closed, as improved or as held. */
  readonly foundAtLast: Share;
}

export interface Heard {
  readonly question: string;
  /** Of the times that it was truly not done, those answered no. */
  readonly lacks: Share;
  /** Of the times that it was truly done, those answered yes. */
  readonly done: Share;
  /** Of all, those answered N/A. */
  readonly unanswered: Share;
}

export interface Measured {
  readonly at: readonly AtCalls[];
  readonly closing: Closing;
  readonly heard: readonly Heard[];
  /** Mean score of each agent, ascending. */
  readonly agentMeans: readonly number[];
  /** Scores of the calls: deciles from 0 to 100 %. */
  readonly scores: readonly number[];
  readonly byCompetency: readonly {
    readonly competency: string;
    /** At the middle one of the points of time. */
    readonly found: Share;
    readonly wrongly: number;
  }[];
}

/** A true level that rose by less is not called an improvement. */
const IMPROVED_MIN = 0.05;
/** The pass mark of the default policy, as a level. */
const MARK = 0.75;
const CLOSED: readonly string[] = ['improved', 'held'];

export const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean): Share => ({
  yes: items.filter(holds).length,
  of: items.length,
});
export const ratioOf = ({ yes, of }: Share): number | null => (of === 0 ? null : yes / of);
export const sumOf = (shares: readonly Share[]): Share => ({
  yes: shares.reduce((sum, each) => sum + each.yes, 0),
  of: shares.reduce((sum, each) => sum + each.of, 0),
});

/** Several centres as one: counts are added, so each case weighs the same. */
export function measure(runs: readonly Played[], marks: readonly number[]): Measured {
  const middle = marks[Math.floor(marks.length / 2)] ?? 0;
  return {
    at: marks.map((calls) => atCalls(runs, calls)),
    closing: closingOf(runs.flatMap(({ cases }) => cases)),
    heard: heardOf(runs.map(({ agreement }) => agreement)),
    agentMeans: runs.flatMap(meansOf).sort((a, b) => a - b),
    scores: deciles(runs.flatMap(({ scores }) => scores.map(({ score }) => score))),
    byCompetency: competenciesOf(runs, middle),
  };
}

const isFoundIn = (cases: readonly PlayedCase[], calls: number) => {
  const found = new Set(
    cases.filter((one) => one.rightly && one.calls <= calls).map((one) => `${one.agentKey} ${one.competency}`),
  );
  return (weak: Played['weak'][number]) => found.has(`${weak.agentKey} ${weak.competency}`);
};

function atCalls(runs: readonly Played[], calls: number): AtCalls {
  const opened = runs.flatMap(({ cases }) => cases.filter((one) => one.calls <= calls));
  return {
    calls,
    precision: shareOf(opened, ({ rightly }) => rightly),
    recall: sumOf(runs.map(({ weak, cases }) => shareOf(weak, isFoundIn(cases, calls)))),
    strongSent: sumOf(
      runs.map(({ agentKeys, weak, cases }) => {
        const sent = new Set(cases.filter((one) => one.calls <= calls).map((one) => one.agentKey));
        const weakKeys = new Set(weak.map((one) => one.agentKey));
        return shareOf(
          agentKeys.filter((key) => !weakKeys.has(key)),
          (key) => sent.has(key),
        );
      }),
    ),
  };
}

function closingOf(cases: readonly PlayedCase[]): Closing {
  const improved = (one: PlayedCase, level: number) => level - one.levelBefore >= IMPROVED_MIN;
  const verdicts = cases.flatMap((one) =>
    one.reviews
      .slice(0, 1)
      .flatMap(({ outcome, level }) => (outcome === 'insufficient-evidence' ? [] : [{ one, outcome, level }])),
  );
  const ended = cases.flatMap((one) =>
    one.ended && one.ended.outcome !== 'insufficient-evidence' ? [{ one, ...one.ended }] : [],
  );
  const closed = ended.filter(({ outcome }) => outcome === 'improved');
  return {
    closedRightly: shareOf(closed, ({ one, level }) => improved(one, level)),
    heldRightly: shareOf(
      ended.filter(({ outcome }) => outcome === 'held'),
      ({ level }) => level >= MARK,
    ),
    closedWrongly: shareOf(
      verdicts.filter(({ one }) => !improved(one, one.ended?.level ?? one.reviews.at(-1)?.level ?? 0)),
      ({ one }) => one.ended?.outcome === 'improved',
    ),
    foundAtFirst: shareOf(
      verdicts.filter(({ one, level }) => improved(one, level)),
      ({ outcome }) => outcome === 'closed' || outcome === 'held',
    ),
    foundAtLast: shareOf(
      ended.filter(({ one, level }) => improved(one, level)),
      ({ outcome }) => CLOSED.includes(outcome),
    ),
  };
}

function heardOf(runs: readonly ReadonlyMap<string, Agreement>[]): Heard[] {
  const questions = [...new Set(runs.flatMap((one) => [...one.keys()]))].sort();
  return questions.map((question) => {
    const sum = (of: (one: Agreement) => number) =>
      runs.reduce((total, run) => total + (run.has(question) ? of(run.get(question) as Agreement) : 0), 0);
    const [noNo, noYes, yesYes, yesNo, na] = [
      sum((a) => a.noNo),
      sum((a) => a.noYes),
      sum((a) => a.yesYes),
      sum((a) => a.yesNo),
      sum((a) => a.na),
    ];
    return {
      question,
      lacks: { yes: noNo, of: noNo + noYes },
      done: { yes: yesYes, of: yesYes + yesNo },
      unanswered: { yes: na, of: na + noNo + noYes + yesYes + yesNo },
    };
  });
}

function meansOf({ scores }: Played): number[] {
  const byAgent = Map.groupBy(scores, ({ agentKey }) => agentKey);
  return [...byAgent.values()].map((own) => own.reduce((sum, { score }) => sum + score, 0) / own.length);
}

function deciles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from(
    { length: 11 },
    (_, i) => sorted[Math.min(sorted.length - 1, Math.floor((i * sorted.length) / 10))] ?? 0,
  );
}

function competenciesOf(runs: readonly Played[], calls: number): Measured['byCompetency'] {
  const names = [
    ...new Set(runs.flatMap(({ weak, cases }) => [...weak, ...cases].map((one) => one.competency))),
  ].sort();
  return names.map((competency) => ({
    competency,
    found: sumOf(
      runs.map(({ weak, cases }) =>
        shareOf(
          weak.filter((one) => one.competency === competency),
          isFoundIn(cases, calls),
        ),
      ),
    ),
    wrongly: runs.reduce(
      (sum, { cases }) =>
        sum + cases.filter((one) => one.competency === competency && one.calls <= calls && !one.rightly).length,
      0,
    ),
  }));
}

/** Two-sided 95 % interval of a share (Wilson 1927); null where there is nothing to count. */
export function interval95({ yes, of }: Share): { readonly low: number; readonly high: number } | null {
  if (of === 0) return null;
  const z = 1.96;
  const p = yes / of;
  const middle = p + (z * z) / (2 * of);
  const half = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  return { low: (middle - half) / scale, high: (middle + half) / scale };
}
