/** The figures as lines for people. */
import { type AtCalls, interval95, type Measured, ratioOf, type Share } from './measure.ts';

/** Calls per agent after which is counted. */
export const MARKS = [10, 20, 40] as const;

export interface Results {
  readonly scoring: Measured;
  readonly oracle: Measured;
}

const percent = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** `0.84 (0.78–0.88)`: the share with its 95 % interval. */
export function withInterval(share: Share): string {
  const interval = interval95(share);
  if (interval === null) return '–';
  return `${percent(ratioOf(share))} (${percent(interval.low)}–${percent(interval.high)})`;
}
const counted = (share: Share): string => `${share.yes} of ${share.of} (${percent(ratioOf(share))})`;

const COLUMN = 20;
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(i === 0 ? 10 : COLUMN))
    .join('')
    .trimEnd();

function tableOf({ scoring, oracle }: Results, of: (at: AtCalls) => Share): string[] {
  return scoring.at.map((at, i) => {
    const perfect = oracle.at[i];
    return row([String(at.calls), withInterval(of(at)), perfect ? withInterval(of(perfect)) : '–']);
  });
}

export function report(results: Results): string {
  const { scoring, oracle } = results;
  const head = (name: string) => ['', name, row(['calls', 'scoring', 'oracle'])];
  const closing = (name: string, of: (measured: Measured) => Share) =>
    `  ${name.padEnd(58)}${counted(of(scoring)).padEnd(24)}${counted(of(oracle))}`;
  return [
    'Per agent and competency; in brackets 95 % intervals over all runs. The oracle sees what was truly done in each call.',
    ...head('precision: cases about a true weakness, of all cases opened by then'),
    ...tableOf(results, ({ precision }) => precision),
    ...head('recall: true weaknesses with a case by then, of all of them'),
    ...tableOf(results, ({ recall }) => recall),
    ...head('strong agents sent to a training by then, of all who are weak in nothing'),
    ...tableOf(results, ({ strongSent }) => strongSent),
    '',
    `by competency at ${middleOf(scoring.at).calls} calls: true weaknesses found, and cases about nothing`,
    ...scoring.byCompetency.map(
      ({ competency, found, wrongly }) => `  ${competency.padEnd(24)}${counted(found).padEnd(24)}${wrongly}`,
    ),
    '',
    `${'closing'.padEnd(60)}${'scoring'.padEnd(24)}oracle`,
    closing('closed as improved: had truly improved', ({ closing }) => closing.closedRightly),
    closing('closed as held: truly at the mark', ({ closing }) => closing.heldRightly),
    closing('judged though nothing had improved: closed as improved', ({ closing }) => closing.closedWrongly),
    closing('truly improved: closed at the first re-evaluation', ({ closing }) => closing.foundAtFirst),
    closing('truly improved: closed in the end', ({ closing }) => closing.foundAtLast),
    '',
    `scores of calls, deciles: ${scoring.scores.map((score) => Math.round(score)).join(' ')}`,
    `mean scores of agents: lowest ${Math.round(scoring.agentMeans[0] ?? 0)}, median ${Math.round(medianOf(scoring.agentMeans))}, highest ${Math.round(scoring.agentMeans.at(-1) ?? 0)}`,
    '',
    'what the scoring hears least: lacks answered "no", and what was done answered "yes"',
    ...scoring.heard
      .filter(({ lacks }) => lacks.of >= 20)
      .toSorted((a, b) => (ratioOf(a.lacks) ?? 0) - (ratioOf(b.lacks) ?? 0))
      .slice(0, 8)
      .map(({ question, lacks, done }) => `  ${question.padEnd(28)}${counted(lacks).padEnd(24)}${counted(done)}`),
  ].join('\n');
}

const middleOf = (at: readonly AtCalls[]): AtCalls => at[Math.floor(at.length / 2)] as AtCalls;
const medianOf = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

/** Precision and recall after 20 calls per agent that the default is to reach. */
export const GOAL = 0.8;

export interface Verdict {
  readonly calls: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly goal: number;
  /** The goal is for the default alone. */
  readonly forDefault: boolean;
  /** Null where nobody was weak. */
  readonly reached: boolean | null;
}

export function verdictOf({ scoring }: Results, forDefault: boolean): Verdict {
  const at = middleOf(scoring.at);
  const [precision, recall] = [ratioOf(at.precision), ratioOf(at.recall)];
  const reached = recall === null ? null : (precision ?? 0) >= GOAL && recall >= GOAL;
  return { calls: at.calls, precision, recall, goal: GOAL, forDefault, reached };
}

/** The last line. */
export function verdictLine({ calls, precision, recall, goal, forDefault, reached }: Verdict): string {
  if (reached === null)
    return `truth: nobody is weak, so there is nothing to find: the goal of ${goal} says nothing here`;
  const figures = `truth: after ${calls} calls per agent precision ${percent(precision)}, recall ${percent(recall)}`;
  if (forDefault) return `${figures}: the goal of ${goal} is ${reached ? 'reached' : 'missed'}`;
  return `${figures} (${goal} for both is the goal of the default alone)`;
}
