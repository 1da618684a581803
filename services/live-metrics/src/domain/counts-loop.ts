/** Cases, trainings and re-evaluations. Times of the loop are of service time: how long it takes, not when the call was. */
import type { EvaluationEventData, Message, TrainingEventData, TrainingEventType } from '@coachloop/contracts';
import { add, type Bag, EMPTY } from './bag.ts';
import { type Counted, type Counts, seen } from './counts.ts';
import { hundredths, OLD_CALL_MS } from './counts-qa.ts';
import { observed } from './histogram.ts';

type Training<T extends TrainingEventType> = TrainingEventData<T>;

const between = (name: string, from: string | undefined, to: string): Bag =>
  from === undefined ? EMPTY : observed(name, Date.parse(to) - Date.parse(from));

/** Only where the call came as it happened. */
const sinceCall = (name: string, from: string | undefined, to: string): Bag =>
  from === undefined || Date.parse(to) - Date.parse(from) > OLD_CALL_MS ? EMPTY : between(name, from, to);

const at = (time: string, sums: Bag): readonly Counted[] => [{ atMs: Date.parse(time), sums }];

export function countLoopEvent(message: Message): Counts {
  const { flow, counted } = countsByType(message);
  return { flow: add(seen(message.type), flow), counted };
}

function countsByType({ type, data }: Message): Counts {
  switch (type) {
    case 'training.case.stage.changed':
      return { flow: stageCounts(data as Training<typeof type>), counted: [] };
    case 'training.case.opened':
      return { flow: EMPTY, counted: at((data as Training<typeof type>).openedAt, { opened: 1 }) };
    case 'training.assigned':
      return { flow: assignedCounts(data as Training<typeof type>), counted: [] };
    case 'training.completed':
      return { flow: completedCounts(data as Training<typeof type>), counted: [] };
    case 'training.case.closed':
      return closedCounts(data as Training<typeof type>);
    case 'evaluation.completed':
      return { flow: reEvaluationCounts(data as EvaluationEventData<typeof type>), counted: [] };
    default:
      return { flow: EMPTY, counted: [] };
  }
}

function stageCounts({ from, to, at: when, since }: Training<'training.case.stage.changed'>): Bag {
  const left = from === null ? EMPTY : add({ [`case|${from}`]: -1 }, between(`stage.${from}`, since, when));
  return add(left, { [`case|${to}`]: 1, [`entered|${to}`]: 1 });
}

function assignedCounts(data: Training<'training.assigned'>): Bag {
  if (data.retake !== undefined) return EMPTY;
  const times =
    data.attempt > 1
      ? EMPTY
      : add(
          sinceCall('callToAssignment', data.caseOpenedAt, data.assignedAt),
          between('scoreToAssignment', data.scoredAt, data.assignedAt),
        );
  return add({ assigned: 1 }, times);
}

function completedCounts({ passed, assignedAt, completedAt }: Training<'training.completed'>): Bag {
  return add(passed ? { trained: 1 } : { notPassed: 1 }, between('assignmentToCompletion', assignedAt, completedAt));
}

function closedCounts({ outcome, openedAt, closedAt }: Training<'training.case.closed'>): Counts {
  const took = outcome === 'withdrawn' ? EMPTY : between('callToOutcome', openedAt, closedAt);
  return { flow: add({ [`outcome|${outcome}`]: 1 }, took), counted: at(closedAt, { closed: 1 }) };
}

function reEvaluationCounts({ outcome, difference }: EvaluationEventData<'evaluation.completed'>): Bag {
  const sum = difference === null ? 0 : hundredths(difference);
  return {
    [`reEvaluation|${outcome}`]: 1,
    ...(difference === null ? EMPTY : { 'difference.n': 1 }),
    ...(sum === 0 ? EMPTY : { 'difference.sum': sum }),
  };
}
