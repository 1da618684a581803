/** RFC 9457: every HTTP error has a stable code, says what was wrong and where, and what to do. */
import type { Problem } from '@coachloop/contracts';
import { HTTP_ERRORS, type HttpErrorCode } from './errors.ts';

/** Throw it in a route; the server answers with `application/problem+json`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly pointer: string | undefined;
  /** Seconds; sent as `Retry-After`. */
  readonly retryAfter: number | undefined;
  constructor(
    status: number,
    code: string,
    title: string,
    detail: string,
    /** `cause` is logged, where the status is a 5xx, and never answered. */
    extra: { pointer?: string; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: extra.cause });
    this.status = status;
    this.code = code;
    this.title = title;
    this.pointer = extra.pointer;
    this.retryAfter = extra.retryAfter;
  }
}

/** Codes are documented in the error catalogue, one heading each. */
export const problemType = (code: string): string => `/docs/errors#${code.toLowerCase().replaceAll('_', '-')}`;

export const toProblem = (error: HttpProblem): Problem => ({
  type: problemType(error.code),
  title: error.title,
  status: error.status,
  code: error.code,
  detail: error.message,
  ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
});

/** One of the edge's own; the catalogue gives status and title. `extra.status` where fastify chose a closer one. */
export const httpProblem = (
  code: HttpErrorCode,
  detail: string,
  { status, ...extra }: { status?: number; pointer?: string; retryAfter?: number; cause?: unknown } = {},
): HttpProblem => new HttpProblem(status ?? HTTP_ERRORS[code].status, code, HTTP_ERRORS[code].title, detail, extra);

export const notFound = (what: string, id: string): HttpProblem =>
  httpProblem('NOT_FOUND', `No ${what} has the id ${JSON.stringify(id)}.`);
