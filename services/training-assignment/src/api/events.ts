/** POST /training/v1/events: starts and completions as CloudEvents, the same as on the topic `training-intake`. */
import {
  type CloudEventJson,
  CONTRACT_ERRORS,
  EVENT_BOUNDS,
  eventTimeOf,
  faultOf,
  type ParsedItem,
  Problem,
  parseHttpEvents,
  schemaOf,
} from '@coachloop/contracts';
import { type ForeignEvent, type Outcome, RUNTIME_ERRORS, type ServiceContext } from '@coachloop/runtime';
import { type App, HttpProblem, toProblem } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import type { ReportReply } from '../domain/case-reports.ts';
import { caseIdOfAssignment } from '../domain/cases.ts';
import { TRAINING_ERRORS } from '../errors.ts';

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
  duplicate: Type.Integer({ description: 'This event or this source id was heard before' }),
  rejected: Type.Array(Rejected),
});

const KNOWN: Readonly<Record<string, { readonly status: number; readonly title: string }>> = {
  ...CONTRACT_ERRORS,
  ...RUNTIME_ERRORS,
  ...TRAINING_ERRORS,
};
const OTHER = { status: 422, title: 'The event cannot be taken' };

/** An event that may be handed over, or why not. */
type Checked = { readonly index: number; readonly event: ForeignEvent } | { readonly refused: Rejected };

function check(item: ParsedItem, now: number): Checked {
  const { index } = item;
  if ('fault' in item) {
    const { code, message, pointer } = item.fault;
    return { refused: { index, code, reason: `${pointer || 'The body'} ${message}.`, pointer } };
  }
  const { id, source, type, data }: CloudEventJson = item.event;
  const refused = (code: string, reason: string, pointer: string) => ({
    refused: { index, id, code, reason, pointer },
  });
  const schema = schemaOf('training-intake', type);
  if (!schema) return refused('EVENT_TYPE_UNKNOWN', `${JSON.stringify(type)} is not known here.`, '/type');
  const fault = faultOf(schema, data);
  if (fault) return refused('EVENT_DATA_INVALID', `/data${fault.pointer} ${fault.message}.`, `/data${fault.pointer}`);
  const time = eventTimeOf(item.event, now);
  if ('fault' in time) return refused(time.fault.code, `/time ${time.fault.message}.`, time.fault.pointer);
  const { assignmentId } = data as { assignmentId?: string }; // just checked
  const caseId = caseIdOfAssignment(assignmentId ?? '');
  if (assignmentId === undefined || caseId === undefined) {
    const said = assignmentId === undefined ? 'is missing' : `${JSON.stringify(assignmentId)} is no assignment of ours`;
    return refused('TRAINING_ASSIGNMENT_UNKNOWN', `/data/assignmentId ${said}.`, '/data/assignmentId');
  }
  const target = { collection: 'cases', id: caseId };
  // As the topic is keyed. The case has its timers' lane from its opening.
  return { index, event: { target, id, source, type, time: time.timeMs, data, laneKey: assignmentId } };
}

function refusalOf(outcome: Outcome): { code: string; reason: string; pointer: string } | undefined {
  if (outcome.status === 'conflict')
    return { code: 'EVENT_ID_REUSED', reason: 'This id came before with another content.', pointer: '/id' };
  if (outcome.status !== 'rejected') return undefined;
  const { error } = outcome;
  const pointer = 'pointer' in error && typeof error.pointer === 'string' ? error.pointer : '';
  const code = 'code' in error ? String(error.code) : 'EVENT_DATA_INVALID';
  return { code, reason: error.message, pointer: `/data${pointer}` };
}

async function take(service: ServiceContext, items: readonly ParsedItem[]): Promise<Static<typeof Report>> {
  const now = service.clock.now();
  const checked = items.map((item) => check(item, now));
  const good = checked.flatMap((c) => ('event' in c ? [c] : []));
  const outcomes = await service.receive(good.map((c) => c.event));
  const rejected = checked.flatMap((c) => ('refused' in c ? [c.refused] : []));
  let duplicate = 0;
  let accepted = 0;
  for (const [i, { index, event }] of good.entries()) {
    const outcome = outcomes[i];
    if (!outcome) throw new Error('The runtime gave no outcome for an event.');
    const why = refusalOf(outcome);
    const effect = 'reply' in outcome ? (outcome.reply as ReportReply | undefined)?.effect : undefined;
    if (why) rejected.push({ index, id: event.id, ...why });
    else if (outcome.status === 'duplicate' || effect === 'duplicate') duplicate += 1;
    else accepted += 1;
  }
  return { accepted, duplicate, rejected: rejected.sort((a, b) => a.index - b.index) };
}

/** Nothing was taken: the first reason as a problem. */
function nothingTaken(first: Rejected): HttpProblem {
  const { status, title } = (Object.hasOwn(KNOWN, first.code) ? KNOWN[first.code] : undefined) ?? OTHER;
  return new HttpProblem(status, first.code, title, `Event ${first.index}: ${first.reason}`, {
    pointer: first.pointer,
  });
}

const DESCRIPTION = `CloudEvents 1.0 of the types on the topic \`training-intake\`: structured, batched or binary. A batch keeps its good events
and says of each bad one why (202); when nothing of it is good the answer is a problem. Sending all of it again is harmless.`;

export const eventRoutes = async (app: App, service: ServiceContext): Promise<void> => {
  await app.register(async (raw) => {
    // The body stays bytes: what it is, its content type and `ce-` headers say together.
    raw.removeAllContentTypeParsers();
    const parser = { parseAs: 'buffer', bodyLimit: EVENT_BOUNDS.body_bytes_max } as const;
    raw.addContentTypeParser('*', parser, (_request, body, done) => done(null, body));
    const scope = raw as unknown as App; // the type provider is not inherited by `register`
    scope.post(
      '/training/v1/events',
      {
        bodyLimit: EVENT_BOUNDS.body_bytes_max,
        schema: {
          tags: ['assignments'],
          summary: 'Take in starts and completions as CloudEvents',
          description: DESCRIPTION,
          consumes: ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'],
          response: { 202: Report, '4xx': Type.Object({ ...Problem.properties, ...Type.Partial(Report).properties }) },
        },
      },
      async ({ headers, body }, reply) => {
        const bytes = Buffer.isBuffer(body) ? body : new Uint8Array();
        const report = await take(service, parseHttpEvents({ headers, body: bytes }));
        const [first] = report.rejected;
        if (!first || report.accepted + report.duplicate > 0) return reply.code(202).send(report);
        const nothing = { ...toProblem(nothingTaken(first)), ...report };
        return reply.code(nothing.status).type('application/problem+json').send(nothing);
      },
    );
  });
};
