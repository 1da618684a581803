/** POST /ingest/v1/events: CloudEvents of telephony platforms, in every content mode of the HTTP binding. */
import type { ServiceContext } from '@coachloop/runtime';
import { type App, eventsRoute } from '@coachloop/service-kit';
import { INTAKE_SCHEMAS, isIntakeType } from '../domain/aggregates.ts';
import type { CallIngestOptions } from '../options.ts';
import { deliver, problem } from './receive.ts';

const DESCRIPTION = `CloudEvents 1.0 of the types on the topic \`call-intake\`: structured (\`application/cloudevents+json\`), batched
(\`application/cloudevents-batch+json\`) or binary (\`ce-\` headers). Events may come late, repeated and in any order. A batch keeps its
good events and says of each bad one why (202); when nothing of it is good, or the only event is bad, the answer is a problem that
names the field. An answer of 429 or 503 says when to send the whole request again: what was taken already is then a duplicate.`;

export const eventRoutes = (app: App, service: ServiceContext, { bounds }: CallIngestOptions): Promise<void> =>
  eventsRoute(app, {
    path: '/ingest/v1/events',
    schema: { tags: ['ingest'], summary: 'Take in call events', description: DESCRIPTION },
    bodyBytesMax: bounds.eventsBodyBytes,
    itemsMax: bounds.items,
    problem,
    nothingAccepted: 'INGEST_NOTHING_ACCEPTED',
    schemaOf: (type) => (isIntakeType(type) ? INTAKE_SCHEMAS[type] : undefined),
    nowMs: () => service.clock.now(),
    deliver: (events) => deliver(service, events),
  });
