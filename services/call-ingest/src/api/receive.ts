/** What the ingest routes share: raw bodies, handing events to the kernel, and errors as problems. */
import type { ForeignEvent, Outcome, ServiceContext } from '@coachloop/runtime';
import { type App, HttpProblem } from '@coachloop/service-kit';
import { destinationOf, type IntakeType } from '../domain/aggregates.ts';
import { withoutCustomer } from '../domain/intake.ts';
import { CALL_INGEST_ERRORS, type CallIngestErrorCode } from '../errors.ts';

export const problem = (
  code: CallIngestErrorCode,
  detail: string,
  extra: { pointer?: string; status?: number } = {},
): HttpProblem => {
  const { status, title, whatToDo } = CALL_INGEST_ERRORS[code];
  const { pointer } = extra;
  return new HttpProblem(extra.status ?? status, code, title, `${detail} ${whatToDo}`, pointer === undefined ? {} : { pointer });
};

/** Fatal, as a byte that is no UTF-8 must not become another text silently. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    throw problem('INGEST_BODY_UNREADABLE', 'The body is not UTF-8.');
  }
}

/** A scope in which a body stays bytes, whatever its content type, and is refused over the bound while it arrives. */
export const rawScope = (app: App, bodyLimit: number, routes: (scope: App) => void): Promise<void> =>
  app
    .register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body));
      const before = scope.errorHandler;
      scope.setErrorHandler((error, request, reply) => {
        const large = error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
        return before.call(
          scope,
          // biome-ignore lint/suspicious/noExplicitAny: fastify types its handler by the app's own error class
          (large ? problem('INGEST_BODY_TOO_LARGE', `A body has at most ${bodyLimit} bytes.`) : error) as any,
          request,
          reply,
        );
      });
      routes(scope as App);
    })
    .then(() => undefined);

export const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : new Uint8Array());

/** An event whose data fits its type. */
export interface Accepted {
  readonly id: string;
  readonly source: string;
  readonly type: IntakeType;
  readonly time: number;
  readonly data: object;
}

const foreign = (event: Accepted, customerKey: string, traceparent: string | undefined): ForeignEvent => {
  const { collection, id, platformKey } = destinationOf(event.source, event.type, event.data);
  return {
    target: { collection, id },
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time,
    data: withoutCustomer(event.data, customerKey),
    // As the topic call-intake is keyed, so that a call has one owner by whichever way its events come.
    laneKey: platformKey,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
};

/** As many as the kernel takes in one batch. */
const BATCH = 500;

/** Hands the events over, in order, in bounded batches. @throws HttpProblem 429 or 503 with `Retry-After`: send it all again. */
export async function deliver(
  service: ServiceContext,
  events: readonly Accepted[],
  { customerKey, traceparent }: { readonly customerKey: string; readonly traceparent: string | undefined },
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; from < events.length; from += BATCH) {
    const batch = events.slice(from, from + BATCH).map((event) => foreign(event, customerKey, traceparent));
    try {
      outcomes.push(...(await service.receive(batch)));
    } catch (error) {
      throw asProblem(error);
    }
  }
  return outcomes;
}

function asProblem(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('RUNTIME_')) return error;
  const retryAfter = 'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : 1;
  const code = String(error.code);
  if (code === 'RUNTIME_OVERLOADED')
    return new HttpProblem(429, code, 'Too much is waiting', error.message, { retryAfter });
  return new HttpProblem(503, code, 'The service cannot take it now', error.message, { retryAfter });
}

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly status: number;
  /** Pointer into the data of the event. */
  readonly pointer?: string;
}

/** Why an outcome is no success; undefined where it is one. */
export function refusalOf(outcome: Outcome): Refusal | undefined {
  if (outcome.status === 'conflict') {
    const { status, title, whatToDo } = CALL_INGEST_ERRORS.EVENT_ID_REUSED;
    return { code: 'EVENT_ID_REUSED', reason: `${title}. ${whatToDo}`, status, pointer: '' };
  }
  if (outcome.status !== 'rejected') return undefined;
  const { error } = outcome;
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 422;
  return {
    code: 'code' in error ? String(error.code) : 'EVENT_DATA_INVALID',
    reason: error.message,
    // A fault of ours would be logged by the kernel; to the sender it is still an event that was not taken.
    status: status >= 400 && status < 500 ? status : 422,
    ...('pointer' in error && typeof error.pointer === 'string' ? { pointer: error.pointer } : {}),
  };
}
