/**
 * One trace joins the whole loop of a call: outputs carry the trace of their cause. Span ids are derived from the cause, so
 * handling twice names the same span; where OpenTelemetry runs, spans are exported under these ids.
 */
import { createHash } from 'node:crypto';

export interface Span {
  readonly traceparent: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
}

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The span of handling `cause` at `aggregate`; a new trace where the cause has none. W3C Trace Context, level 1. */
export function spanOf(parent: string | undefined, cause: string, aggregate: string): Span {
  const match = parent === undefined ? null : PATTERN.exec(parent);
  const digest = createHash('sha1').update(`${cause}\u001f${aggregate}`).digest('hex');
  const traceId = match?.[1] ?? createHash('sha1').update(cause).digest('hex').slice(0, 32);
  const spanId = digest.slice(0, 16);
  return { traceId, spanId, parentSpanId: match?.[2], traceparent: `00-${traceId}-${spanId}-01` };
}

/** What was handled, for telemetry; called after the save, never in the way of it. */
export interface Handled {
  readonly span: Span;
  readonly type: string;
  readonly collection: string;
  readonly aggregate: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: 'done' | 'parked';
}
