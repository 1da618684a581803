/** Where a call is, from what is known of it. */
import type { CallStage } from '@coachloop/contracts';
import type { Facts, Step } from './facts.ts';
import { has, isAbandoned, isOver } from './record.ts';

/** A completed call stays done (or abandoned), whatever comes late: who counts calls in progress must not see it again. */
export function stageOf(facts: Facts, completed: boolean): CallStage {
  if (isAbandoned(facts)) return 'abandoned';
  if (completed) return 'done';
  if (isOver(facts)) return has(facts, 'call.answered') && !has(facts, 'call.wrapup.ended') ? 'wrapup' : 'done';
  const last = facts.steps.at(-1);
  if (last) return stageAfter(last);
  return facts.transcript || facts.segments.length > 0 ? 'talking' : 'none';
}

function stageAfter(step: Step): CallStage {
  switch (step.type) {
    case 'call.queued':
      return 'queued';
    case 'call.ringing':
      return 'ringing';
    case 'call.held':
      return 'held';
    case 'call.wrapup.ended':
      return 'done';
    case 'call.transferred':
      return step.toQueue !== undefined && step.toAgent === undefined ? 'queued' : 'talking';
    default:
      return 'talking';
  }
}
