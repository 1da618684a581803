/** What one event adds to the sums. Pure, and of the event alone: so a recount of the log gives the same figures. */
import type { Message } from '@coachloop/contracts';
import type { Bag } from './bag.ts';
import { countCallEvent } from './counts-call.ts';
import { countLoopEvent } from './counts-loop.ts';
import { countEvaluation } from './counts-qa.ts';

/** Sums that belong to a moment. */
export interface Counted {
  readonly atMs: number;
  readonly sums: Bag;
  readonly named?: Bag;
}

export interface Counts {
  readonly flow: Bag;
  readonly counted: readonly Counted[];
}

export const seen = (type: string): Bag => ({ [`seen|${type}`]: 1 });

export function countsOf(message: Message): Counts {
  const { type } = message;
  if (type.startsWith('qa.')) return countEvaluation(message);
  if (type.startsWith('training.') || type.startsWith('evaluation.')) return countLoopEvent(message);
  return countCallEvent(message);
}
