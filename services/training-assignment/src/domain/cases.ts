/** The aggregate `cases` (id = case id): from the trigger to the proof. Its state machine is the table in `case.ts`. */
import {
  type CompletionReport,
  type Decision,
  documentIdOf,
  type Message,
  type ReEvaluationResult,
  type StartReport,
  type TrainingEventData,
} from '@coachloop/contracts';
import type { Case, CaseState, WindowOpened } from './case.ts';
import { assign, current, type Draft, type Step, say, whoOf } from './case-draft.ts';
import { reEvaluated, windowOpened } from './case-evaluation.ts';
import { overdue } from './case-overdue.ts';
import { complete, type Reported, start } from './case-reports.ts';
import { causeWithdrawn } from './case-withdrawal.ts';
import { trainingError } from './errors.ts';
import { isoOf } from './time.ts';
import type { Rules } from './triggers.ts';

/** Commands over HTTP; the same as `training.start.reported` and `training.completion.reported` over the bus. */
export const CASE_COMMANDS = { start: 'training.start', complete: 'training.complete' } as const;

const ASSIGNMENT_ID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.[1-9][0-9]?$/;

/** The case that an assignment belongs to; undefined: this cannot be an assignment of ours. */
export const caseIdOfAssignment = (assignmentId: string): string | undefined => ASSIGNMENT_ID.exec(assignmentId)?.[1];

/**
 * Where a report goes that names no possible assignment: to a document of its own, which refuses it, so that the kernel
 * keeps it as a dead letter. One document for all of them would fill up with the first flood.
 */
export const strayCaseId = (source: string, eventId: string): string => documentIdOf('stray-report', source, eventId);

/** One timer per document: only the current assignment has something to wait for. */
const decision = (state: CaseState, events: Draft['events'] = [], reply?: unknown): Decision<CaseState> => ({
  state,
  events,
  wakeAt: state.stage === null || !state.open ? null : (current(state)?.nextStepAt ?? null),
  ...(reply === undefined ? {} : { reply }),
});

function open(data: TrainingEventData<'training.case.opened'>, kept: object, step: Step): Draft {
  const at = isoOf(step.now);
  const state: Case = {
    ...kept,
    caseId: data.caseId,
    stage: 'opened',
    open: true,
    agentId: data.agentId,
    ...(data.agentKey === undefined ? {} : { agentKey: data.agentKey }),
    ...(data.agentName === undefined ? {} : { agentName: data.agentName }),
    competency: data.competency,
    openedAt: data.openedAt,
    ...(data.scoredAt === undefined ? {} : { scoredAt: data.scoredAt }),
    trigger: data.trigger,
    form: data.form,
    assignments: [],
    reEvaluations: [],
    escalations: [],
    history: [{ from: null, to: 'opened', at, cause: step.cause }],
    outcome: null,
    closedAt: null,
  };
  const said = say({ state, events: [] }, 'training.case.stage.changed', {
    ...whoOf(state),
    from: null,
    to: 'opened',
    at,
  });
  return assign(said, data.openedAt, step);
}

function onUnknown(state: CaseState, message: Message, step: Step): Decision<CaseState> {
  switch (message.type) {
    case 'training.case.opened': {
      const draft = open(message.data as TrainingEventData<'training.case.opened'>, state, step);
      return decision(draft.state, draft.events);
    }
    case 'training.start.reported':
    case 'training.completion.reported':
    case CASE_COMMANDS.start:
    case CASE_COMMANDS.complete: {
      const named = (message.data as { assignmentId?: string }).assignmentId;
      throw trainingError(
        'TRAINING_ASSIGNMENT_UNKNOWN',
        named === undefined ? 'The report names no assignment.' : `There is no assignment ${JSON.stringify(named)}.`,
        '/assignmentId',
      );
    }
    case 'training.case.cause.withdrawn':
    case 'evaluation.window.opened':
    case 'evaluation.completed':
      throw trainingError('TRAINING_CASE_UNKNOWN', `The case ${state.caseId} was never opened here.`, '/caseId');
    default:
      return decision(state);
  }
}

const answer = ({ draft, reply }: Reported) => decision(draft.state, draft.events, reply);

export const handleCase =
  ({ policy, catalogue }: Rules) =>
  (state: CaseState, message: Message, now: number): Decision<CaseState> => {
    const step: Step = { policy, catalogue, now, cause: message.id };
    if (state.stage === null) return onUnknown(state, message, step);
    const after = (draft: Draft) => decision(draft.state, draft.events);
    // The data of events and commands was checked against their schema when they came in.
    switch (message.type) {
      case 'training.start.reported':
      case CASE_COMMANDS.start:
        return answer(start(state, message.data as StartReport, step));
      case 'training.completion.reported':
      case CASE_COMMANDS.complete:
        return answer(complete(state, message.data as CompletionReport, step));
      case 'training.case.cause.withdrawn':
        return after(causeWithdrawn(state, message.data as TrainingEventData<'training.case.cause.withdrawn'>, step));
      case 'evaluation.window.opened':
        return after(windowOpened(state, message.data as WindowOpened, step));
      case 'evaluation.completed':
        return after(reEvaluated(state, message.data as ReEvaluationResult, step));
      case 'timer':
        // Its own time, not the clock: only reports from before that are known to have been read.
        return state.open ? after(overdue(state, message.time, step)) : decision(state);
      default:
        return decision(state);
    }
  };
