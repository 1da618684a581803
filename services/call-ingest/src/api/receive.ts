/** What the ingest routes share: raw bodies, handing events to the kernel, and refusals. */
import { CONTRACT_ERRORS, type ContractErrorCode } from '@coachloop/contracts';
import { type ForeignEvent, type Outcome, RUNTIME_ERRORS, type ServiceContext } from '@coachloop/runtime';
import { type App, HttpProblem } from '@coachloop/service-kit';
import { destinationOf, type IntakeType } from '../domain/aggregates.ts';
import { withoutCustomer } from '../domain/intake.ts';
import { CALL_INGEST_ERRORS, type CallIngestErrorCode } from '../errors.ts';

const KNOWN: Readonly<Record<string, { readonly status: number; readonly title: string; readonly whatToDo: string }>> =
  {
    ...CONTRACT_ERRORS,
    ...RUNTIME_ERRORS,
    ...CALL_INGEST_ERRORS,
  };
const UNKNOWN = { status: 422, title: 'The event cannot be taken', whatToDo: 'Correct it, and send it again.' };

/** A problem by its code; title, status and advice come from the tables of errors. */
export function problem(
  code: ContractErrorCode | CallIngestErrorCode | (string & {}),
  detail: string,
  extra: { readonly pointer?: string | undefined; readonly status?: number } = {},
): HttpProblem {
  const { status, title, whatToDo } = (Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined) ?? UNKNOWN;
  const { pointer } = extra;
  const place = pointer === undefined ? {} : { pointer };
  return new HttpProblem(extra.status ?? status, code, title, `${detail} ${whatToDo}`, place);
}

/** A scope in which a body stays bytes, whatever its content type, and is refused over the bound while it arrives. */
export async function rawScope(app: App, bodyLimit: number, routes: (scope: App) => void): Promise<void> {
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
        throw problem('EVENT_BODY_TOO_LARGE', `A body has at most ${bodyLimit} bytes here.`);
      throw error; // to the server's own handler
    });
    routes(scope as unknown as App);
  });
}

/** No body at all is an empty one. */
export const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : new Uint8Array());

/** An event whose data fits its type. */
export interface Accepted {
  readonly id: string;
  readonly source: string;
  readonly type: IntakeType;
  /** Ms. */
  readonly time: number;
  readonly data: object;
  readonly traceparent?: string | undefined;
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** A trace that is none is dropped: it is not worth an event. */
export const traceOf = (value: unknown): string | undefined =>
  typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;

function foreign(event: Accepted, customerKey: string): ForeignEvent {
  const { id, source, type, time, traceparent } = event;
  const target = destinationOf(source, type, event.data);
  return {
    target: { collection: target.collection, id: target.id },
    id,
    source,
    type,
    time,
    data: withoutCustomer(event.data, customerKey),
    // As the topic call-intake is keyed, so that a call has one owner by whichever way its events come.
    laneKey: target.platformKey,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** As many as the kernel takes in one batch. */
const BATCH = 500;

/** Hands the events over, in order, in bounded batches. @throws RuntimeError when it is too busy: send it all again. */
export async function deliver(
  service: ServiceContext,
  events: readonly Accepted[],
  customerKey: string,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < events.length; from += BATCH)
    outcomes.push(
      ...(await service.receive(events.slice(from, from + BATCH).map((event) => foreign(event, customerKey)))),
    );
  return outcomes;
}

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** JSON pointer into the event. */
  readonly pointer: string;
}

/** Why an outcome is no success; undefined where it is one. */
export function refusalOf(outcome: Outcome): Refusal | undefined {
  if (outcome.status === 'conflict')
    return refusal('EVENT_ID_REUSED', 'This id came before with another content.', '/id');
  if (outcome.status !== 'rejected') return undefined;
  const { error } = outcome;
  const pointer = 'pointer' in error && typeof error.pointer === 'string' ? error.pointer : '';
  return refusal('code' in error ? String(error.code) : 'EVENT_DATA_INVALID', error.message, `/data${pointer}`);
}

export const refusal = (code: string, reason: string, pointer: string): Refusal => ({ code, reason, pointer });
