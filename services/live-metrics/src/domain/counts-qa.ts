/** Evaluations, at the time at which the call ended. A revised one takes back what its predecessor added. */
import type { EvaluationResult, Message, QaEventData, ReplacedEvaluation } from '@coachloop/contracts';
import { type Bag, EMPTY, nameOf } from './bag.ts';
import { type Counted, type Counts, seen } from './counts.ts';
import { takenBack } from './counts-call.ts';
import { observed } from './histogram.ts';

/** The loop's times are of calls that come as they happen. An import of old calls says nothing of how fast the loop is. */
export const OLD_CALL_MS = 7 * 86_400_000;

export const hundredths = (points: number): number => Math.round(points * 100);

export function countEvaluation(message: Message): Counts {
  const flow = seen(message.type);
  const result = message.data as QaEventData<'qa.evaluation.revised'>;
  if (message.type === 'qa.evaluation.withdrawn')
    return { flow, counted: result.replaces === undefined ? [] : [takenBack(evaluationCounts(result.replaces))] };
  // A result after a withdrawn one has a higher number, and replaces nothing that still counts.
  if (message.type === 'qa.evaluation.completed') {
    const tookMs = message.time - Date.parse(result.callEndedAt);
    const timed = tookMs <= OLD_CALL_MS ? observed('callToScore', tookMs) : EMPTY;
    return { flow: { ...flow, ...timed }, counted: [evaluationCounts(result)] };
  }
  if (result.replaces === undefined) return { flow, counted: [] };
  return { flow, counted: [evaluationCounts(result), takenBack(evaluationCounts(result.replaces))] };
}

type Figures = Pick<
  EvaluationResult & ReplacedEvaluation,
  'callEndedAt' | 'queue' | 'score' | 'criticalScore' | 'passed' | 'autoFailedBy' | 'competencies'
> & {
  readonly answers: readonly Pick<
    EvaluationResult['answers'][number],
    'questionId' | 'competency' | 'value' | 'critical'
  >[];
};

export function evaluationCounts(result: Figures): Counted {
  const { score, criticalScore, passed } = result;
  return {
    atMs: Date.parse(result.callEndedAt),
    sums: {
      evaluations: 1,
      ...pointCounts('score', score),
      ...(score === null ? EMPTY : { [`bin${binOf(score)}`]: 1 }),
      ...pointCounts('critical', criticalScore),
      ...(passed === null ? EMPTY : { [passed ? 'passed' : 'failed']: 1 }),
      ...(result.autoFailedBy.length > 0 ? { autoFailed: 1 } : EMPTY),
    },
    named: namedCounts(result),
  };
}

function namedCounts({ answers, competencies, queue = '', score }: Figures): Bag {
  const named: Record<string, number> = { [nameOf('queue', queue, 'evaluations')]: 1 };
  const count = (name: string, by = 1) => {
    if (by !== 0) named[name] = (named[name] ?? 0) + by;
  };
  const points = (name: readonly string[], value: number | null) => {
    if (value === null) return;
    count(nameOf(...name, 'n'));
    count(nameOf(...name, 'sum'), hundredths(value));
  };
  points(['queue', queue, 'score'], score);
  for (const { questionId, competency, critical, value } of answers)
    count(nameOf('question', questionId, competency, critical ? 'critical' : '', value));
  for (const { competency, score: ofIt } of competencies) points(['competency', competency], ofIt);
  return named;
}

/** Ten bins; 100 belongs to the last one. */
const binOf = (score: number): number => Math.min(9, Math.floor(score / 10));

function pointCounts(name: string, points: number | null): Bag {
  if (points === null) return EMPTY;
  const sum = hundredths(points);
  return { [`${name}.n`]: 1, ...(sum === 0 ? EMPTY : { [`${name}.sum`]: sum }) };
}
