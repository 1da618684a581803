/** POST /ingest/v1/events: CloudEvents of telephony platforms, in every content mode of the HTTP binding. */
import {
  type CloudEventJson,
  CloudEventSchema,
  eventTimeOf,
  faultOf,
  type ParsedItem,
  Problem,
  parseHttpEvents,
} from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, toProblem } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { INTAKE_SCHEMAS, isIntakeType } from '../domain/aggregates.ts';
import type { CallIngestOptions } from '../options.ts';
import {
  type Accepted,
  bytesOf,
  deliver,
  problem,
  type Refusal,
  rawScope,
  refusal,
  refusalOf,
  traceOf,
} from './receive.ts';

const Rejected = Type.Object({
  index: Type.Integer({ minimum: 0, description: 'Place in the request, from 0' }),
  id: Type.Optional(Type.String({ description: 'Of the event, where it could be read' })),
  code: Type.String(),
  reason: Type.String(),
  pointer: Type.String({ description: 'JSON pointer into that event' }),
});
type Rejected = Static<typeof Rejected>;

const Report = Type.Object({
  accepted: Type.Integer(),
  duplicate: Type.Integer({ description: 'Known already, word for word' }),
  rejected: Type.Array(Rejected),
});

const DESCRIPTION = `CloudEvents 1.0 of the types on the topic \`call-intake\`: structured (\`application/cloudevents+json\`), batched
(\`application/cloudevents-batch+json\`) or binary (\`ce-\` headers). Events may come late, repeated and in any order. A batch keeps its
good events and says of each bad one why (202); when nothing of it is good, or the only event is bad, the answer is a problem that
names the field. An answer of 429 or 503 says when to send the whole request again: what was taken already is then a duplicate.`;

export const eventRoutes = (
  app: App,
  service: ServiceContext,
  { customerKey, bounds }: CallIngestOptions,
): Promise<void> =>
  rawScope(app, bounds.eventsBodyBytes, (scope) => {
    scope.post(
      '/ingest/v1/events',
      {
        bodyLimit: bounds.eventsBodyBytes,
        schema: {
          tags: ['ingest'],
          summary: 'Take in call events',
          description: DESCRIPTION,
          body: {
            content: {
              'application/cloudevents+json': { schema: CloudEventSchema },
              'application/cloudevents-batch+json': {
                schema: Type.Array(CloudEventSchema, { maxItems: bounds.items }),
              },
              'application/json': {
                schema: Type.Unknown({ description: 'Binary mode: the data; attributes as ce- headers' }),
              },
            },
          },
          response: {
            202: Report,
            '4xx': Type.Object({ ...Problem.properties, ...Type.Partial(Report).properties }),
          },
        },
      },
      async (request, reply) => {
        const { headers } = request;
        const items = parseHttpEvents({ headers, body: bytesOf(request.body) });
        const now = service.clock.now();
        const checked = items.map((item) => check(item, now, traceOf(headers.traceparent)));
        const good = checked.flatMap(({ event }) => event ?? []);
        const report = reportOf(checked, await deliver(service, good, customerKey));
        const first = report.rejected[0];
        if (!first || report.accepted + report.duplicate > 0) return reply.code(202).send(report);
        const { code, reason, pointer } = first;
        const nothing =
          items.length === 1
            ? toProblem(problem(code, reason, { pointer }))
            : {
                ...toProblem(problem('INGEST_NOTHING_ACCEPTED', `Event 0: ${reason}`, { pointer: `/0${pointer}` })),
                ...report,
              };
        return reply.code(nothing.status).type('application/problem+json').send(nothing);
      },
    );
  });

interface Checked {
  readonly index: number;
  readonly id?: string;
  readonly event?: Accepted;
  readonly refusal?: Refusal;
}

function check(item: ParsedItem, now: number, trace: string | undefined): Checked {
  const { index } = item;
  if ('fault' in item) {
    const { code, message, pointer } = item.fault;
    return { index, refusal: refusal(code, `${pointer || 'The body'} ${message}.`, pointer) };
  }
  const found = accept(item.event, now, trace);
  return { index, id: item.event.id, ...('data' in found ? { event: found } : { refusal: found }) };
}

function accept(event: CloudEventJson, now: number, trace: string | undefined): Accepted | Refusal {
  const { id, source, type, data, traceparent }: CloudEventJson & { readonly traceparent?: unknown } = event;
  if (!isIntakeType(type)) return refusal('EVENT_TYPE_UNKNOWN', `${JSON.stringify(type)} is not known here.`, '/type');
  const fault = faultOf(INTAKE_SCHEMAS[type], data);
  if (fault || typeof data !== 'object' || data === null)
    return refusal(
      'EVENT_DATA_INVALID',
      `/data${fault?.pointer ?? ''} ${fault?.message ?? 'is missing'}.`,
      `/data${fault?.pointer ?? ''}`,
    );
  const time = eventTimeOf(event, now);
  if ('fault' in time) return refusal(time.fault.code, `/time ${time.fault.message}.`, time.fault.pointer);
  return { id, source, type, time: time.timeMs, data, traceparent: traceOf(traceparent) ?? trace };
}

function reportOf(checked: readonly Checked[], outcomes: readonly Parameters<typeof refusalOf>[0][]) {
  const rejected: Rejected[] = [];
  let accepted = 0;
  let duplicate = 0;
  let next = 0;
  for (const { index, id, event, refusal: early } of checked) {
    const outcome = event ? outcomes[next++] : undefined;
    const why = early ?? (outcome && refusalOf(outcome));
    if (why) rejected.push({ index, ...(id === undefined ? {} : { id }), ...why });
    else if (outcome?.status === 'duplicate') duplicate += 1;
    else accepted += 1;
  }
  return { accepted, duplicate, rejected };
}
