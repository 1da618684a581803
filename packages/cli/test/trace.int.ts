/** One call's whole life is one trace, over HTTP and the log, as a collector of OpenTelemetry sees it. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { attribute, type CollectedSpan, startCollector } from './harness/collector.ts';
import { cleanUp, coachloop, Platform, temporaryFolder, until } from './harness/command.ts';

afterAll(cleanUp, 30_000);

it('joins ingest, scoring, assignment, a report of the course and the messages about it', {
  timeout: 120_000,
}, async () => {
  const collector = await startCollector();
  const platform = await Platform.up(join(temporaryFolder(), 'data'), {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  await coachloop(['simulate', '--agents', '6', '--calls', '300', '--seed', '7', '--url', platform.url]);
  const open = await until(async () => {
    const { items } = await platform.get<{ items: { caseId: string }[] }>('/training/v1/cases?stage=assigned');
    return items[0];
  });
  const { assignments } = await platform.get<{ assignments: { assignmentId: string; assignedAt: string }[] }>(
    `/training/v1/cases/${open.caseId}`,
  );
  const [assignment] = assignments;
  const begun = await fetch(`${platform.url}/training/v1/assignments/${assignment?.assignmentId}/starts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ startedAt: assignment?.assignedAt, sourceId: 'learning-1' }),
  });
  expect(begun.status).toBeLessThan(300);
  const ofCase = (name: string) =>
    until(async () => {
      const mine = collector.spans.filter((span) => span.name === name && span.traceId === trace);
      return mine.length > 0 && mine;
    });
  const opened = await until(async () =>
    collector.spans.find(
      (span) =>
        span.name === 'training-assignment training.case.opened' &&
        attribute(span, 'coachloop.aggregate') === `cases/${open.caseId}`,
    ),
  );
  const trace = opened.traceId;
  await ofCase('notification training.assigned');
  // A learning system that does not trace: its report is found with the case nevertheless.
  await ofCase('live-metrics.g1 training.started');
  await platform.stop();
  collector.stop();

  const byId = new Map(collector.spans.map((span) => [span.spanId, span]));
  const ancestors = (span: CollectedSpan | undefined): readonly string[] =>
    span === undefined ? [] : [...ancestors(byId.get(span.parentSpanId ?? '')), span.name];
  const path = ancestors(opened);
  expect(path[0]).toMatch(/^call-ingest (call|transcript)\./);
  expect(path.slice(1)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^qa-scoring call\.(completed|revised)$/),
      expect.stringMatching(/^training-assignment qa\.evaluation\.(completed|revised)$/),
    ]),
  );
  // Every span's parent was collected, too, or it begins a trace.
  const orphans = collector.spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !byId.has(parentSpanId));
  expect(orphans).toEqual([]);
  const services = new Set(
    collector.spans.filter(({ traceId }) => traceId === trace).map((span) => attribute(span, 'coachloop.service')),
  );
  for (const service of ['call-ingest', 'qa-scoring', 'training-assignment', 'evaluation', 'notification'])
    expect(services).toContain(service);
});
