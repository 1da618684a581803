/** What every route that takes events in shares: raw bodies, a check of each event by itself, and a report by index of what became of it. */
import {
  type CloudEventJson,
  CloudEventSchema,
  CONTRACT_ERRORS,
  eventTimeOf,
  faultOf,
  type ParsedItem,
  Problem,
  parseHttpEvents,
} from '@coachloop/contracts';
import { type Outcome, RUNTIME_ERRORS } from '@coachloop/runtime';
import { type Static, type TSchema, Type } from 'typebox';
import { HttpProblem, toProblem } from './problem.ts';
import type { App } from './service.ts';

/** Makes a problem by its code; an unknown code is an event that cannot be taken. */
export type ProblemOf = (
  code: string,
  detail: string,
  extra?: { readonly pointer?: string | undefined; readonly status?: number },
) => HttpProblem;

type ErrorTable = Readonly<
  Record<string, { readonly status: number; readonly title: string; readonly whatToDo: string }>
>;
const UNKNOWN = { status: 422, title: 'The event cannot be taken', whatToDo: 'Correct it, and send it again.' };

/** Title, status and advice come from the tables of contracts, runtime and the service's own. */
export function problemsOf(own: ErrorTable): ProblemOf {
  const known: ErrorTable = { ...CONTRACT_ERRORS, ...RUNTIME_ERRORS, ...own };
  return (code, detail, { pointer, status: closer } = {}) => {
    const { status, title, whatToDo } = (Object.hasOwn(known, code) ? known[code] : undefined) ?? UNKNOWN;
    const place = pointer === undefined ? {} : { pointer };
    return new HttpProblem(closer ?? status, code, title, `${detail} ${whatToDo}`, place);
  };
}

/** A scope in which a body stays bytes, whatever its content type, and is refused over the bound while it arrives. */
export async function rawScope(app: App, bodyLimit: number, routes: (scope: App) => void): Promise<void> {
  const tooLarge = problemsOf({});
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
    // A schema of the body is for the API document alone: it is checked item by item, so that one bad item costs one item.
    const inherited = scope.validatorCompiler;
    scope.setValidatorCompiler((route) =>
      route.httpPart === 'body' || !inherited ? (value: unknown) => ({ value }) : inherited(route),
    );
    scope.setErrorHandler((error) => {
      if (error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
        throw tooLarge('EVENT_BODY_TOO_LARGE', `A body has at most ${bodyLimit} bytes here.`);
      throw error; // to the server's own handler
    });
    routes(scope as unknown as App); // the type provider is not inherited by `register`
  });
}

/** No body at all is an empty one. */
export const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : new Uint8Array());

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** A trace that is none is dropped: it is not worth an event. */
export const traceOf = (value: unknown): string | undefined =>
  typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** JSON pointer into the event. */
  readonly pointer: string;
}

export const refusal = (code: string, reason: string, pointer: string): Refusal => ({ code, reason, pointer });

/** Why an outcome is no success; undefined where it is one. */
export function refusalOf(outcome: Outcome): Refusal | undefined {
  if (outcome.status === 'conflict')
    return refusal('EVENT_ID_REUSED', 'This id came before with another content.', '/id');
  if (outcome.status !== 'rejected') return undefined;
  const { error } = outcome;
  const pointer = 'pointer' in error && typeof error.pointer === 'string' ? error.pointer : '';
  return refusal('code' in error ? String(error.code) : 'EVENT_DATA_INVALID', error.message, `/data${pointer}`);
}

/** An event whose data fits its type. */
export interface IntakeEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Ms. */
  readonly time: number;
  readonly data: object;
  readonly traceparent?: string | undefined;
}

const Rejected = Type.Object({
  index: Type.Integer({ minimum: 0, description: 'Place in the request, from 0' }),
  id: Type.Optional(Type.String({ description: 'Of the event, where it could be read' })),
  code: Type.String(),
  reason: Type.String(),
  pointer: Type.String({ description: 'JSON pointer into that event' }),
});
const Report = Type.Object({
  accepted: Type.Integer(),
  duplicate: Type.Integer({ description: 'Known already, word for word' }),
  rejected: Type.Array(Rejected),
});
type Report = Static<typeof Report>;

export interface EventsRoute {
  readonly path: string;
  readonly schema: { readonly tags: string[]; readonly summary: string; readonly description: string };
  readonly bodyBytesMax: number;
  readonly itemsMax: number;
  readonly problem: ProblemOf;
  /** Code of the answer when none of several events was taken. */
  readonly nothingAccepted: string;
  readonly schemaOf: (type: string) => TSchema | undefined;
  readonly nowMs: () => number;
  /** What only the service can tell of an event that fits its schema. */
  readonly check?: (event: IntakeEvent) => Refusal | undefined;
  /** One outcome per event. @throws RuntimeError when it is too busy: send it all again. */
  readonly deliver: (events: readonly IntakeEvent[]) => Promise<readonly Outcome[]>;
  /** A success that changed nothing, beyond what the kernel calls a duplicate. */
  readonly isDuplicate?: (outcome: Outcome) => boolean;
}

/**
 * CloudEvents in every content mode of the HTTP binding. A batch keeps its good events and says of each bad one why (202);
 * when nothing of it is good, the answer is a problem.
 */
export const eventsRoute = (app: App, route: EventsRoute): Promise<void> =>
  rawScope(app, route.bodyBytesMax, (scope) => {
    const content = {
      'application/cloudevents+json': { schema: CloudEventSchema },
      'application/cloudevents-batch+json': { schema: Type.Array(CloudEventSchema, { maxItems: route.itemsMax }) },
      'application/json': { schema: Type.Unknown({ description: 'Binary mode: the data; attributes as ce- headers' }) },
    };
    const refused = Type.Object({ ...Problem.properties, ...Type.Partial(Report).properties });
    const schema = { ...route.schema, body: { content }, response: { 202: Report, '4xx': refused } };
    scope.post(route.path, { bodyLimit: route.bodyBytesMax, schema }, async (request, reply) => {
      const { headers } = request;
      const items = parseHttpEvents({ headers, body: bytesOf(request.body) });
      const now = route.nowMs();
      const checked = items.map((item) => checkItem(item, route, now, traceOf(headers.traceparent)));
      const good = checked.flatMap(({ event }) => event ?? []);
      const report = reportOf(checked, await route.deliver(good), route);
      if (report.rejected.length === 0 || report.accepted + report.duplicate > 0) return reply.code(202).send(report);
      const nothing = nothingOf(report, items.length, route);
      return reply.code(nothing.status).type('application/problem+json').send(nothing);
    });
  });

interface Checked {
  readonly index: number;
  readonly id?: string;
  readonly event?: IntakeEvent;
  readonly refusal?: Refusal;
}

function checkItem(item: ParsedItem, route: EventsRoute, now: number, trace: string | undefined): Checked {
  const { index } = item;
  if ('fault' in item) {
    const { code, message, pointer } = item.fault;
    return { index, refusal: refusal(code, `${pointer || 'The body'} ${message}.`, pointer) };
  }
  const found = accept(item.event, route, now, trace);
  return { index, id: item.event.id, ...('data' in found ? { event: found } : { refusal: found }) };
}

function accept(
  event: CloudEventJson,
  route: EventsRoute,
  now: number,
  trace: string | undefined,
): IntakeEvent | Refusal {
  const { id, source, type, data, traceparent }: CloudEventJson & { readonly traceparent?: unknown } = event;
  const schema = route.schemaOf(type);
  if (!schema) return refusal('EVENT_TYPE_UNKNOWN', `${JSON.stringify(type)} is not known here.`, '/type');
  const fault = faultOf(schema, data);
  if (fault || typeof data !== 'object' || data === null) {
    const pointer = `/data${fault?.pointer ?? ''}`;
    return refusal('EVENT_DATA_INVALID', `${pointer} ${fault?.message ?? 'is missing'}.`, pointer);
  }
  const time = eventTimeOf(event, now);
  if ('fault' in time) return refusal(time.fault.code, `/time ${time.fault.message}.`, time.fault.pointer);
  const good = { id, source, type, time: time.timeMs, data, traceparent: traceOf(traceparent) ?? trace };
  return route.check?.(good) ?? good;
}

function reportOf(checked: readonly Checked[], outcomes: readonly Outcome[], { isDuplicate }: EventsRoute): Report {
  const rejected: Static<typeof Rejected>[] = [];
  let accepted = 0;
  let duplicate = 0;
  let next = 0;
  for (const { index, id, event, refusal: early } of checked) {
    const outcome = event ? outcomes[next++] : undefined;
    const why = early ?? (outcome && refusalOf(outcome));
    if (why) rejected.push({ index, ...(id === undefined ? {} : { id }), ...why });
    else if (outcome && (outcome.status === 'duplicate' || isDuplicate?.(outcome))) duplicate += 1;
    else accepted += 1;
  }
  return { accepted, duplicate, rejected };
}

/** A single event's own reason; of several the first one's, with the whole report. */
function nothingOf(report: Report, items: number, { problem, nothingAccepted }: EventsRoute) {
  const [first] = report.rejected;
  if (!first) throw new Error('Nothing was rejected.');
  const { index, code, reason, pointer } = first;
  if (items === 1) return { ...toProblem(problem(code, reason, { pointer })), ...report };
  const detail = `Event ${index}: ${reason}`;
  return { ...toProblem(problem(nothingAccepted, detail, { pointer: `/${index}${pointer}` })), ...report };
}
