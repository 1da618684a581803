/**
 * OpenTelemetry: spans of what the kernel handled, sent by OTLP over HTTP. Off, and not even loaded, unless the standard
 * variable OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) names a collector. The kernel derives span ids from causes, so a
 * message that is handled again names the same span, and events carry the right `traceparent` with telemetry off.
 */
import type { Handled } from '@coachloop/runtime';

/** Spans that wait for the collector; what comes beyond is dropped. A call makes some seventy, and OpenTelemetry's own default is 2,048. */
const QUEUE_SPANS = '16384';

export interface Telemetry {
  onHandled(handled: readonly Handled[]): void;
  /** Sends what is left. */
  stop(): Promise<void>;
}

export async function startTelemetry(
  version: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Telemetry | null> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return null;
  const [{ NodeSDK }, { OTLPTraceExporter }, api] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/api'),
  ]);
  const ids = { traceId: '', spanId: '' };
  process.env.OTEL_BSP_MAX_QUEUE_SIZE ??= QUEUE_SPANS; // the SDK reads this one and its like by itself
  const sdk = new NodeSDK({
    serviceName: env.OTEL_SERVICE_NAME ?? 'coachloop',
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    traceExporter: new OTLPTraceExporter(),
    instrumentations: [],
    autoDetectResources: false,
  });
  sdk.start();
  const tracer = api.trace.getTracer('coachloop', version);
  const contextOf = (traceId: string, spanId: string | undefined) =>
    spanId === undefined
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId,
          spanId,
          traceFlags: api.TraceFlags.SAMPLED,
          isRemote: true,
        });

  return {
    onHandled: (list) => {
      for (const { span, service, type, collection, aggregate, startMs, endMs, status } of list) {
        ids.traceId = span.traceId;
        ids.spanId = span.spanId;
        const links = span.link === undefined ? [] : [{ context: linkedContext(span.link) }];
        const attributes = {
          'coachloop.service': service,
          'messaging.operation.type': 'process',
          'messaging.message.type': type,
          'coachloop.aggregate': `${collection}/${aggregate}`,
        };
        const options = { kind: api.SpanKind.CONSUMER, startTime: startMs, attributes, links };
        const started = tracer.startSpan(`${service} ${type}`, options, contextOf(span.traceId, span.parentSpanId));
        if (status === 'parked')
          started.setStatus({ code: api.SpanStatusCode.ERROR, message: 'parked as a dead letter' });
        started.end(endMs);
      }
    },
    stop: () => sdk.shutdown(),
  };
}

/** `00-<trace>-<span>-01` as a span context. */
const linkedContext = (traceparent: string) => {
  const [, traceId = '', spanId = ''] = traceparent.split('-');
  return { traceId, spanId, traceFlags: 1, isRemote: true };
};
