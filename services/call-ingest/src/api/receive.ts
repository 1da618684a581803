/** What the ingest routes share: handing events to the kernel, and problems by their codes. */
import type { ForeignEvent, Outcome, ServiceContext } from '@coachloop/runtime';
import { type IntakeEvent, problemsOf } from '@coachloop/service-kit';
import { destinationOf, isIntakeType } from '../domain/aggregates.ts';
import { CALL_INGEST_ERRORS } from '../errors.ts';

export const problem = problemsOf(CALL_INGEST_ERRORS);

function foreign(event: IntakeEvent): ForeignEvent {
  const { id, source, type, time, traceparent } = event;
  if (!isIntakeType(type)) throw new TypeError(`${type} is no type of the topic call-intake.`);
  const target = destinationOf(source, type, event.data);
  return {
    target: { collection: target.collection, id: target.id },
    id,
    source,
    type,
    time,
    data: event.data,
    // As the topic call-intake is keyed, so that a call has one owner by whichever way its events come.
    laneKey: target.platformKey,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** As many as the kernel takes in one batch. */
const BATCH = 500;

/** Hands the events over, in order, in bounded batches. @throws RuntimeError when it is too busy: send it all again. */
export async function deliver(service: ServiceContext, events: readonly IntakeEvent[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < events.length; from += BATCH)
    outcomes.push(...(await service.receive(events.slice(from, from + BATCH).map(foreign))));
  return outcomes;
}
