/** Every problem that live-metrics can answer with; the error catalogue lists them. */
import { HttpProblem } from '@coachloop/service-kit';

export const LIVE_METRICS_ERRORS = {
  METRICS_NOT_READY: {
    status: 503,
    title: 'The figures are not ready',
    whatToDo: 'Ask again after the seconds in Retry-After.',
  },
  METRICS_STREAM_FULL: {
    status: 503,
    title: 'Too many clients of the stream',
    whatToDo: 'Ask again after the seconds in Retry-After, or poll GET /metrics/v1/snapshot.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The same key came with another content',
    whatToDo: 'Give a new request its own Idempotency-Key.',
  },
  METRICS_POSITION_INVALID: {
    status: 400,
    title: 'The position is not one of this stream',
    whatToDo: 'Send as Last-Event-ID what the stream sent as `id:`, or leave it out.',
  },
} as const;
export type LiveMetricsErrorCode = keyof typeof LIVE_METRICS_ERRORS;

export function metricsProblem(code: LiveMetricsErrorCode, detail: string, retryAfter?: number): HttpProblem {
  const { status, title, whatToDo } = LIVE_METRICS_ERRORS[code];
  const extra = retryAfter === undefined ? {} : { retryAfter };
  return new HttpProblem(status, code, title, `${detail} ${whatToDo}`, extra);
}
