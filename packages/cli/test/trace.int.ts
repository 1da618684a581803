/**
 * One call's whole life is one trace, over HTTP and the log, as a collector of OpenTelemetry sees it: in one process, and with
 * a process per service on a real Kafka.
 */
import { join } from 'node:path';
import { kafkaOrigin, mongoOrigin, startKafka, startMongo } from '@coachloop/servers';
import { afterAll, describe, expect, test } from 'vitest';
import { attribute, type CollectedSpan, startCollector } from './harness/collector.ts';
import { cleanUp, coachloop, json, Platform, temporaryFolder, until } from './harness/command.ts';
import { killServices, ServiceProcess } from './harness/services.ts';

const env = { ...process.env, KAFKA_BROKERS: '', MONGODB_URI: '' };
const isThere = (await Promise.all([kafkaOrigin(env), mongoOrigin(env)])).every((origin) => origin !== undefined);
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
if (!isThere) process.stderr.write('NOTICE: no Kafka and MongoDB: traces over them are not tested.\n');

afterAll(async () => {
  await killServices();
  await cleanUp();
}, 30_000);

interface Installation {
  readonly url: string;
  /** What was still to be sent is sent. */
  stop(): Promise<unknown>;
}
type Start = (telemetry: Readonly<Record<string, string>>) => Promise<Installation>;

const inOneProcess: Start = (telemetry) => Platform.up(join(temporaryFolder(), 'data'), { env: telemetry });

const PROCESSES = ['call-ingest', 'qa-scoring', 'training-assignment', 'evaluation', 'notification,live-metrics'];

const inManyProcesses: Start = async (telemetry) => {
  const [kafka, mongo] = await Promise.all([startKafka(), startMongo()]);
  const settings = {
    ...telemetry,
    KAFKA_BROKERS: kafka.address,
    MONGODB_URI: mongo.address,
    COACHLOOP_CUSTOMER_KEY: 'c0ffee'.repeat(11).slice(0, 64),
  };
  const applied = ['topics', 'indexes'].map((what) => coachloop([what, 'apply'], { env: settings }));
  for (const result of await Promise.all(applied)) expect(result).toMatchObject({ code: 0 });
  const services = await Promise.all(PROCESSES.map((names) => ServiceProcess.start(names, settings)));
  const addresses = PROCESSES.flatMap((names, i) => names.split(',').map((name) => `${name}=${services[i]?.url}`));
  const front = await ServiceProcess.start('console', { ...settings, COACHLOOP_SERVICES: addresses.join() });
  const all = [...services, front];
  await until(async () => (await Promise.all(all.map((each) => each.isReady()))).every(Boolean));
  return {
    url: front.url,
    stop: async () => {
      await Promise.all(all.map((each) => each.end('SIGTERM')));
      await Promise.all([kafka.stop(), mongo.stop()]);
    },
  };
};

describe('joins ingest, scoring, assignment, a report of the course and the messages about it', () => {
  test('in one process', { timeout: 120_000 }, () => joinsThemAll(inOneProcess));
  test.skipIf(!required && !isThere)('over Kafka', { timeout: 300_000 }, () => joinsThemAll(inManyProcesses));
});

async function joinsThemAll(begin: Start): Promise<void> {
  const collector = await startCollector();
  // Nothing is dropped, however slow this machine is.
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_MAX_QUEUE_SIZE: '100000' };
  const installation = await begin(telemetry);
  const { url } = installation;
  const get = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  await coachloop(['simulate', '--agents', '6', '--calls', '300', '--seed', '7', '--url', url]);
  const open = await until(async () => {
    const { items } = await get<{ items: { caseId: string }[] }>('/training/v1/cases?stage=assigned');
    return items[0];
  });
  const path = `/training/v1/cases/${open.caseId}`;
  const { assignments, traceId: trace } = await get<{
    readonly assignments: readonly { readonly assignmentId: string; readonly assignedAt: string }[];
    readonly traceId: string;
  }>(path);
  const [assignment] = assignments;
  const begun = await fetch(`${url}/training/v1/assignments/${assignment?.assignmentId}/starts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ startedAt: assignment?.assignedAt, sourceId: 'learning-1' }),
  });
  expect(begun.status).toBeLessThan(300);
  const told = await coachloop(['why', open.caseId, '--url', url]);
  expect(told.stdout).toContain(`Trace ${trace}`);
  expect((await json<{ case: { traceId: string } }>(['why', open.caseId, '--url', url])).case.traceId).toBe(trace);

  const ofCase = (name: string) =>
    until(async () => collector.spans.some((span) => span.name === name && span.traceId === trace));
  const opened = await until(async () =>
    collector.spans.find(
      (span) =>
        span.name === 'training-assignment training.case.opened' &&
        attribute(span, 'coachloop.aggregate') === `cases/${open.caseId}`,
    ),
  );
  expect(opened.traceId).toBe(trace);
  await ofCase('notification training.assigned');
  // A learning system that does not trace: its report is found with the case nevertheless.
  await ofCase('live-metrics.g1 training.started');
  // Every span's parent is collected, too, or it begins a trace. Each process sends its own, some seconds later.
  await until(async () => {
    const ids = new Set(collector.spans.map(({ spanId }) => spanId));
    return collector.spans.every(({ parentSpanId }) => parentSpanId === undefined || ids.has(parentSpanId));
  });
  await installation.stop();
  collector.stop();

  const byId = new Map(collector.spans.map((span) => [span.spanId, span]));
  const ancestors = (span: CollectedSpan | undefined): readonly string[] =>
    span === undefined ? [] : [...ancestors(byId.get(span.parentSpanId ?? '')), span.name];
  const steps = ancestors(opened);
  expect(steps[0]).toMatch(/^call-ingest (call|transcript)\./);
  expect(steps.slice(1)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^qa-scoring call\.(completed|revised)$/),
      expect.stringMatching(/^training-assignment qa\.evaluation\.(completed|revised)$/),
    ]),
  );
  const services = new Set(
    collector.spans.filter(({ traceId }) => traceId === trace).map((span) => attribute(span, 'coachloop.service')),
  );
  for (const service of ['call-ingest', 'qa-scoring', 'training-assignment', 'evaluation', 'notification'])
    expect(services).toContain(service);
}
