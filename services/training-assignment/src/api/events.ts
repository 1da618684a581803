/** POST /training/v1/events: starts and completions as CloudEvents, the same as on the topic `training-intake`. */
import { EVENT_BOUNDS, schemaOf } from '@coachloop/contracts';
import type { ForeignEvent, ServiceContext } from '@coachloop/runtime';
import { type App, eventsRoute, type IntakeEvent, problemsOf, type Refusal, refusal } from '@coachloop/service-kit';
import type { ReportReply } from '../domain/case-reports.ts';
import { caseIdOfAssignment } from '../domain/cases.ts';
import { TRAINING_ERRORS } from '../errors.ts';

const assignmentOf = ({ data }: IntakeEvent) => (data as { assignmentId?: string }).assignmentId; // its schema says so

function check(event: IntakeEvent): Refusal | undefined {
  const assignmentId = assignmentOf(event);
  if (assignmentId !== undefined && caseIdOfAssignment(assignmentId) !== undefined) return undefined;
  const said = assignmentId === undefined ? 'is missing' : `${JSON.stringify(assignmentId)} is no assignment of ours`;
  return refusal('TRAINING_ASSIGNMENT_UNKNOWN', `/data/assignmentId ${said}.`, '/data/assignmentId');
}

function foreign(event: IntakeEvent): ForeignEvent {
  const { id, source, type, time, data, traceparent } = event;
  const assignmentId = assignmentOf(event) ?? '';
  const target = { collection: 'cases', id: caseIdOfAssignment(assignmentId) ?? '' };
  // As the topic is keyed. The case has its timers' lane from its opening.
  const trace = traceparent === undefined ? {} : { traceparent };
  return { target, id, source, type, time, data, laneKey: assignmentId, ...trace };
}

const DESCRIPTION = `CloudEvents 1.0 of the types on the topic \`training-intake\`: structured, batched or binary. A batch keeps its good events
and says of each bad one why (202); when nothing of it is good the answer is a problem. Sending all of it again is harmless.`;

export const eventRoutes = (app: App, service: ServiceContext): Promise<void> =>
  eventsRoute(app, {
    path: '/training/v1/events',
    schema: {
      tags: ['assignments'],
      summary: 'Take in starts and completions as CloudEvents',
      description: DESCRIPTION,
    },
    bodyBytesMax: EVENT_BOUNDS.body_bytes_max,
    itemsMax: EVENT_BOUNDS.batch_events_max,
    problem: problemsOf(TRAINING_ERRORS),
    nothingAccepted: 'TRAINING_NOTHING_ACCEPTED',
    schemaOf: (type) => schemaOf('training-intake', type),
    nowMs: () => service.clock.now(),
    check,
    deliver: (events) => service.receive(events.map(foreign)),
    // A source id that was heard before under another event.
    isDuplicate: (outcome) => 'reply' in outcome && (outcome.reply as ReportReply | undefined)?.effect === 'duplicate',
  });
