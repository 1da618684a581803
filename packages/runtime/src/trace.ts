/**
 * One trace joins the whole loop of a call: outputs carry the trace of their cause. Span ids are derived from the cause, so
 * handling twice names the same span; where OpenTelemetry runs, spans are exported under these ids.
 */
import { hash } from 'node:crypto';

export interface Span {
  readonly traceparent: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** `traceparent` of another trace that this belongs to as well: the one in which the document was made. */
  readonly link?: string;
}

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/**
 * The span of handling `cause` at `aggregate`; a new trace where the cause has none.
 * @param document trace of the document, where it is about one matter (a call, a case): a cause without a trace (a report of a
 * learning system, a timer, an event of a platform that does not trace) goes on with it, and a cause with another trace gets it
 * as a link. So all of one call, and all that happens to one case, can be found together. W3C Trace Context, level 1.
 */
export function spanOf(
  parent: string | undefined,
  document: string | undefined,
  cause: string,
  aggregate: string,
): Span {
  const match = PATTERN.exec(parent ?? document ?? '');
  const traceId = match?.[1] ?? sha1(cause).slice(0, 32);
  const spanId = sha1(`${cause}\u001f${aggregate}`).slice(0, 16);
  const link = document !== undefined && traceIdOf(document) !== traceId ? { link: document } : {};
  return { traceId, spanId, parentSpanId: match?.[2], traceparent: `00-${traceId}-${spanId}-01`, ...link };
}

/** The trace that a `traceparent` names. */
export const traceIdOf = (traceparent: string): string | undefined => PATTERN.exec(traceparent)?.[1];

const sha1 = (text: string): string => hash('sha1', text);

/** What was handled, for telemetry; called after the save, never in the way of it. */
export interface Handled {
  readonly span: Span;
  readonly service: string;
  readonly type: string;
  readonly collection: string;
  readonly aggregate: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: 'done' | 'parked';
}
