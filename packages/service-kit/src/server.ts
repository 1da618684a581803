/** The HTTP edge: fastify with TypeBox, problem responses, OpenAPI, and the rules of who may ask what from where. */
import { randomUUID } from 'node:crypto';
import { DomainError, PROBLEM_CONTENT_TYPE } from '@coachloop/contracts';
import { STORE_ERRORS, StoreError } from '@coachloop/document-store';
import { isLogError, LOG_ERRORS } from '@coachloop/event-log';
import { RUNTIME_ERRORS, RuntimeError, traceIdOf } from '@coachloop/runtime';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { docsRoutes } from './docs.ts';
import { causeOf } from './logging.ts';
import { HttpProblem, httpProblem, toProblem } from './problem.ts';
import type { App } from './service.ts';
import { inFlight, knownQuery, noSuchRoute, readable, routesOf } from './strict.ts';

export const HTTP_BOUNDS = {
  body_bytes_max: 4 * 1024 * 1024,
  header_bytes_max: 32 * 1024,
  request_ms_max: 60_000,
  /** Of all bodies that are being read or handled. */
  in_flight_bytes_max: 64 * 1024 * 1024,
} as const;

export interface ServerOptions {
  readonly host: string;
  readonly logger: Logger;
  readonly version: string;
  /**
   * Names (of a `Host` header, without port; `*`: any) under which everything is served, on an address of the network too: for
   * a private network, or behind a proxy that signs people in. Loopback names always count. Absent: loopback alone.
   */
  readonly allowedHosts?: readonly string[];
  /** Instead of the document of the routes that are registered here. */
  readonly apiDocument?: object;
}

export async function createServer(options: ServerOptions): Promise<App> {
  const app = fastify({
    loggerInstance: options.logger,
    genReqId: () => randomUUID(), // what a client was told is looked for in the logs of all processes
    logController: new LogController({ disableRequestLogging: true }), // one line per request would cost more than the request
    bodyLimit: HTTP_BOUNDS.body_bytes_max,
    requestTimeout: HTTP_BOUNDS.request_ms_max,
    http: { maxHeaderSize: HTTP_BOUNDS.header_bytes_max },
    forceCloseConnections: true,
    // Before any route: an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      answerProblem(asProblem(error), request, reply as FastifyReply);
    },
    routerOptions: { maxParamLength: 512 },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler((error, request, reply) => answerProblem(asProblem(error), request, reply));
  const methodsOf = routesOf(app);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const methods = methodsOf(path);
    if (methods.length > 0) reply.header('allow', methods.join(', '));
    return answerProblem(noSuchRoute(request.method, path, methods), request, reply);
  });
  app.addHook('onRequest', async (request) => {
    guard(request, options);
    readable(request);
  });
  app.addHook('onRequest', inFlight(HTTP_BOUNDS.in_flight_bytes_max));
  app.addHook('preValidation', async (request) => knownQuery(request));
  if (options.apiDocument !== undefined)
    await app.register(swagger, { mode: 'static', specification: { document: options.apiDocument as never } });
  else
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Coachloop',
          version: options.version,
          description:
            'Calls in, evaluations with evidence, training, re-evaluation. Every error is an RFC 9457 problem.',
        },
      },
    });
  await app.register(swaggerUi, { routePrefix: '/docs/api' });
  docsRoutes(app);
  return app;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
const OPEN_TO_ALL = /^\/(ingest\/|healthz$|readyz$)/;
const PROBES = /^\/(healthz|readyz)$/;

/**
 * Without sign-in, whoever reaches the port may do everything; so beyond this machine nothing but ingest is served, and on
 * it a page of another site must not speak to us through the user's browser (DNS rebinding, cross-site requests).
 */
function guard(request: FastifyRequest, { host: boundTo, allowedHosts = [] }: ServerOptions): void {
  const path = request.url.split('?')[0] ?? '/';
  if (allowedHosts.length > 0 && PROBES.test(path)) return; // asked by address, by whoever looks after the process
  if (!isLoopback(boundTo) && allowedHosts.length === 0) {
    if (OPEN_TO_ALL.test(path) && (request.method === 'POST' || !path.startsWith('/ingest/'))) return;
    throw httpProblem(
      'SIGN_IN_REQUIRED',
      'This address is open to the network and sign-in is not configured: only ingest is served. Start it with HOST=127.0.0.1 for the rest, or name who is let in with COACHLOOP_ALLOWED_HOSTS.',
    );
  }
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (host !== '' && !isLoopback(host) && !allowedHosts.includes('*') && !allowedHosts.includes(host.toLowerCase()))
    throw httpProblem('HOST_NOT_ALLOWED', `The Host header is ${JSON.stringify(host)}; use localhost or 127.0.0.1.`);
  const { origin } = request.headers;
  if (
    origin !== undefined &&
    request.method !== 'GET' &&
    request.method !== 'HEAD' &&
    !sameOrigin(origin, request.headers.host)
  )
    throw httpProblem('ORIGIN_NOT_ALLOWED', `The Origin ${JSON.stringify(origin)} is not this server.`);
}

const sameOrigin = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;

/** Of the kernel's own refusals, those that time alone may mend. */
const MAY_COME_AGAIN: ReadonlySet<number> = new Set([429, 503]);

/** Every error has a code of ours; what we did not foresee is a 500 without its inside. */
export function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof DomainError)
    return new HttpProblem(
      error.status,
      error.code,
      'Not possible now',
      error.message,
      error.pointer === undefined ? {} : { pointer: error.pointer },
    );
  if (error instanceof RuntimeError)
    return new HttpProblem(error.status, error.code, RUNTIME_ERRORS[error.code].title, error.message, {
      ...(MAY_COME_AGAIN.has(error.status) ? { retryAfter: error.retryAfter ?? 5 } : {}),
      cause: error.cause,
    });
  if (error instanceof StoreError) {
    const { summary } = STORE_ERRORS[error.code];
    if (OF_THE_REQUEST.has(error.code)) return new HttpProblem(400, error.code, summary, error.message);
    if (error.kind === 'passing')
      return new HttpProblem(503, error.code, summary, error.message, { retryAfter: 5, cause: error.cause });
  }
  if (isLogError(error) && LOG_AWAY.has(error.code)) {
    const { summary } = LOG_ERRORS[error.code];
    return new HttpProblem(503, error.code, summary, error.message, { retryAfter: 5, cause: error.cause });
  }
  return fromFastify(error as FastifyError);
}

const LOG_AWAY: ReadonlySet<string> = new Set(['LOG_UNAVAILABLE', 'LOG_OVERLOADED']);

/** What a client's cursor, id or limit can cause; every other fault of a call of the store is ours. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  'STORE_CURSOR_INVALID',
  'STORE_ID_INVALID',
  'STORE_LIMIT_INVALID',
]);

function fromFastify(error: FastifyError): HttpProblem {
  const fault = error.validation?.[0];
  if (fault) {
    const missing = (fault.params as { requiredProperties?: readonly string[] }).requiredProperties?.[0];
    const pointer = `${fault.instancePath}${missing === undefined ? '' : `/${missing}`}`;
    const where = error.validationContext ?? 'request';
    // A regular expression says nothing to people.
    const said = fault.keyword === 'pattern' ? 'does not have the form that the API document shows' : fault.message;
    const detail = `${where}${pointer} ${missing === undefined ? (said ?? 'does not fit') : 'is missing'}.`;
    return httpProblem('REQUEST_INVALID', detail, { pointer });
  }
  const status = error.statusCode ?? 500;
  if (status === 413)
    return httpProblem('BODY_TOO_LARGE', `At most ${HTTP_BOUNDS.body_bytes_max} bytes; send several requests.`);
  if (status === 415) return httpProblem('MEDIA_TYPE_UNSUPPORTED', `${error.message}; the API document names what is.`);
  if (status >= 400 && status < 500) return httpProblem('REQUEST_MALFORMED', error.message, { status });
  return httpProblem('INTERNAL', 'It has been logged under the id of this request.', { cause: error });
}

export function logProblem({ status, code, message, cause, retryAfter }: HttpProblem, request: FastifyRequest): void {
  if (status < 500) return;
  const traceId = traceIdOf(String(request.headers.traceparent ?? ''));
  // Who may come again is refused by design: a rolling restart is no error.
  const level = retryAfter === undefined ? 'error' : 'warn';
  request.log[level]({ code, err: message, cause: causeOf(cause), traceId }, 'request failed');
}

/** What breaks off because nobody waits for it any more. */
const BROKEN_OFF: ReadonlySet<unknown> = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_ABORTED']);
const brokeOff = (cause: unknown): boolean =>
  cause instanceof Error && (cause.name === 'AbortError' || ('code' in cause && BROKEN_OFF.has(cause.code)));

function answerProblem(problem: HttpProblem, request: FastifyRequest, reply: FastifyReply) {
  if (reply.raw.destroyed && brokeOff(problem.cause))
    request.log.debug({ code: problem.code, cause: String(problem.cause) }, 'the client went away');
  else logProblem(problem, request);
  if (problem.retryAfter !== undefined) reply.header('retry-after', String(problem.retryAfter));
  return reply
    .code(problem.status)
    .type(PROBLEM_CONTENT_TYPE)
    .send({ ...toProblem(problem), instance: request.id });
}
