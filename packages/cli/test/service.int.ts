/**
 * A process per service, on a real Kafka and a database of their own: instances are killed, stopped and added under load, broker
 * and database go away and come back, and nothing of it is lost or doubled.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type KafkaServer,
  kafkaOrigin,
  lastingPort,
  type MongoServer,
  mongoOrigin,
  startKafkaHere,
  startMongoHere,
} from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, coachloop, ended, json, start, until } from './harness/command.ts';
import { vcon } from './harness/samples.ts';
import { killServices, ServiceProcess } from './harness/services.ts';

/** Only servers of our own may be stopped. */
const canStart =
  (await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' })) === 'java' &&
  (await mongoOrigin({ ...process.env, MONGODB_URI: '' })) === 'java';
if (!canStart)
  process.stderr.write('NOTICE: no Kafka and MongoDB that may be stopped: services as processes are not tested.\n');

const KEY = 'c0ffee'.repeat(11).slice(0, 64);
const SCORING = 'qa-scoring,training-assignment';
const FIGURES = 'evaluation,notification,live-metrics';
const CALLS = 200;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPEED = 5_000;

/** The data of all events of a type, as the public log tells them, each once. */
async function eventsOf<T>(from: ServiceProcess, type: string): Promise<readonly T[]> {
  const response = await fetch(`${from.url}/events/v1?types=${type}&from=start`);
  const lines = (await response.text()).split('\n').filter((line) => line.trim() !== '');
  const events = lines.map((line) => JSON.parse(line) as { readonly id: string; readonly data: T });
  return [...new Map(events.map(({ id, data }) => [id, data])).values()];
}

describe.skipIf(!canStart)('services as processes', () => {
  let kafka: KafkaServer;
  let mongo: MongoServer;
  let env: Record<string, string>;
  let ingest: ServiceProcess;
  let front: ServiceProcess;
  /** Tells what is in the log, from the timers on. Its spans have nowhere to go. */
  let feed: ServiceProcess;
  const ready = (...all: readonly ServiceProcess[]) =>
    until(async () => (await Promise.all(all.map((each) => each.isReady()))).every(Boolean));
  const ingested = (n: number) =>
    fetch(`${front.url}/ingest/v1/vcons`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(vcon(n)),
    });

  /** What a client does: comes back as long as it is asked to, and no other answer. */
  const takenInTheEnd = (n: number) =>
    until(async () => {
      const { status } = await ingested(n);
      expect([202, 503]).toContain(status);
      return status === 202;
    });

  beforeAll(async () => {
    [kafka, mongo] = await Promise.all([startKafkaHere(), startMongoHere()]);
    env = { KAFKA_BROKERS: kafka.address, MONGODB_URI: mongo.address, COACHLOOP_CUSTOMER_KEY: KEY };
  }, 240_000);
  afterAll(async () => {
    await killServices();
    await cleanUp();
    await Promise.all([kafka?.stop(), mongo?.stop()]);
  }, 30_000);

  test('do not start without their topics and indexes, and say what to do', async () => {
    const service = await coachloop(['service', 'qa-scoring', '--port', '0'], { env });
    expect(service).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no topics .*topics apply.*LOG_TOPIC_UNKNOWN/),
    });
    expect((await coachloop(['topics', 'apply'], { env })).code).toBe(0);
    const again = await coachloop(['service', 'qa-scoring', '--port', '0'], { env });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/indexes apply.*STORE_INDEX_MISSING/) });
    expect(service.stderr + again.stderr).not.toContain('not known how far');
    expect((await coachloop(['indexes', 'apply'], { env })).code).toBe(0);
  }, 240_000);

  test('that are started while broker and database are away wait, and work when they are back', async () => {
    kafka.brokers[0]?.pause();
    await mongo.node?.kill();
    const ingestPort = await lastingPort();
    const addresses = `call-ingest=http://127.0.0.1:${ingestPort}`;
    [ingest, front] = await Promise.all([
      ServiceProcess.start('call-ingest', env, ingestPort),
      ServiceProcess.start('console', { ...env, COACHLOOP_SERVICES: addresses }),
    ]);
    const { status, body } = await ingest.get<{ reasons: readonly string[] }>('/readyz');
    expect({ status, reasons: body.reasons }).toEqual({
      status: 503,
      reasons: [
        expect.stringMatching(/^starting/),
        'the event log (Kafka) does not answer',
        'the document store (MongoDB) does not answer',
      ],
    });
    expect((await ingest.get('/healthz')).status).toBe(200);
    const refused = await ingested(1);
    expect({ status: refused.status, retryAfter: refused.headers.get('retry-after') }).toEqual({
      status: 503,
      retryAfter: '2',
    });
    kafka.brokers[0]?.resume();
    await mongo.node?.start();
    await ready(ingest, front);
    await takenInTheEnd(1);
  }, 120_000);

  test('instances come and go under load, and each call has its effect once', async () => {
    const port = await lastingPort();
    const [first, second, figures, others] = await Promise.all([
      ServiceProcess.start(SCORING, env, port),
      ServiceProcess.start(SCORING, env),
      ServiceProcess.start(FIGURES, env),
      ServiceProcess.start(FIGURES, env),
    ]);
    await ready(first, second, figures, others);
    const startAt = new Date(Date.now() - 6 * HOUR_MS).toISOString();
    const load = ended(
      start([
        'simulate',
        '--url',
        front.url,
        '--calls',
        String(CALLS),
        '--agents',
        '20',
        '--rate',
        '40',
        '--start',
        startAt,
      ]),
    );
    await until(async () => {
      const { body } = await first.get<{ services: readonly { handled: number }[] }>('/ops/v1/status?own=true');
      return body.services.some(({ handled }) => handled > 20);
    });
    await first.end('SIGKILL');
    // At the port of the one that was killed, and so under its name: it need not wait until that one's session is over.
    const third = await ServiceProcess.start(SCORING, env, port);
    const stopped = await others.end('SIGTERM');
    expect({ code: stopped.code, stderr: stopped.stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/Stopping…\n$/),
    });
    expect((await load).code).toBe(0);
    await ready(second, third, figures);

    const digest = () =>
      json<{ settled: boolean; kinds: Record<string, { count: number }> }>(['digest', '--url', front.url]);
    const settled = await until(async () => {
      const found = await digest();
      return found.settled && found;
    });
    expect(settled.kinds.calls?.count).toBe(CALLS + 1);
    const { ok, violations } = await json<{ ok: boolean; violations: unknown[] }>(['verify', '--url', front.url]);
    expect({ ok, violations }).toEqual({ ok: true, violations: [] });

    // An instance that has seen none of it shows the same figures, to the last digit.
    const fresh = await ServiceProcess.start(FIGURES, env);
    await ready(fresh);
    const shown = async (from: ServiceProcess) =>
      (await from.get<{ figures: Record<string, { value: number | null }> }>('/metrics/v1/snapshot')).body.figures;
    const [here, there] = await Promise.all([shown(figures), shown(fresh)]);
    expect(there).toEqual(here);
    // Counted once each, as an independent reader of the log counts them; the vCon of the test before is of another year.
    const scored = await eventsOf<{ callId: string }>(fresh, 'qa.evaluation.completed');
    expect(scored.length).toBeGreaterThan(CALLS / 2); // some are abandoned
    expect(new Set(scored.map(({ callId }) => callId)).size).toBe(scored.length);
    expect(here.evaluations?.value).toBe(scored.length - 1);
    await Promise.all([figures, fresh, second, third].map((each) => each.end('SIGTERM')));
  }, 240_000);

  test('timers fire once, whichever instance wakes first', async () => {
    // A week and more is over, for both of them at once: every course that nobody took is overdue.
    const start = new Date(Date.now() - (8 * DAY_MS) / SPEED).toISOString();
    const late = { ...env, COACHLOOP_CLOCK_SPEED: String(SPEED), COACHLOOP_CLOCK_START: start };
    const pair = await Promise.all([ServiceProcess.start(SCORING, late), ServiceProcess.start(SCORING, late)]);
    const nobody = `http://127.0.0.1:${await lastingPort()}`;
    feed = await ServiceProcess.start('notification', { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: nobody });
    await ready(...pair, feed);
    const casesOf = async (type: string) =>
      (await eventsOf<{ caseId: string }>(feed, type)).map(({ caseId }) => caseId).sort();
    const opened = [...new Set(await casesOf('training.case.opened'))].sort();
    expect(opened.length).toBeGreaterThan(0);
    const overdue = await until(async () => {
      const found = await casesOf('training.overdue');
      return found.length >= opened.length && found;
    });
    expect(overdue).toEqual(opened);
    await Promise.all(pair.map((each) => each.end('SIGTERM')));
  }, 120_000);

  test('a database or a broker that goes away under load: ingest asks to come back, and loses nothing that it acknowledged', async () => {
    const completed = async () => (await eventsOf(feed, 'call.completed')).length;
    const first = await completed();
    await mongo.node?.kill();
    const refused = await ingested(2);
    expect({ status: refused.status, retryAfter: Number(refused.headers.get('retry-after')) > 0 }).toEqual({
      status: 503,
      retryAfter: true,
    });
    await until(async () => (await ingest.get('/readyz')).status === 503);
    expect((await ingest.get('/healthz')).status).toBe(200);
    await mongo.node?.start();
    await ready(ingest);
    await takenInTheEnd(2);
    await until(async () => (await front.get<{ services: readonly unknown[] }>('/readyz')).status === 200);

    const before = first + 1; // it is answered before it is published
    await until(async () => (await completed()) === before);
    // The database still answers: what is saved is acknowledged, and said when the broker is back.
    await kafka.brokers[0]?.kill();
    const sent = Array.from({ length: 20 }, (_, i) => 3 + i);
    const taken = await Promise.all(sent.map(async (n) => (await ingested(n)).status === 202 && n));
    await until(async () => (await ingest.get('/readyz')).status === 503);
    expect((await ingested(99)).status).toBe(503);
    await kafka.brokers[0]?.start();
    await ready(ingest);
    const acknowledged = taken.filter((n) => n !== false).length;
    expect(acknowledged).toBeGreaterThan(0);
    const all = before + acknowledged;
    expect(await until(async () => (await completed()) >= all && completed())).toBe(all);

    // Told to stop while the broker is silent in the midst of an append, which may wait for it for longer than the bound, and without a database.
    const stopMs = 7_000;
    const collector = createServer().listen(0, '127.0.0.1'); // takes what comes, and never answers
    await once(collector, 'listening');
    const silent = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const hasty = { ...env, COACHLOOP_STOP_TIMEOUT_MS: String(stopMs), OTEL_EXPORTER_OTLP_ENDPOINT: silent };
    const last = await ServiceProcess.start('call-ingest', hasty);
    await ready(last);
    kafka.brokers[0]?.pause();
    const { status } = await last.post('/ingest/v1/vcons', vcon(50));
    expect(status).toBe(202);
    await mongo.node?.kill();
    // Within the default of 20 s they would come to their end.
    expect(await last.end('SIGTERM')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/"what":"adapters".*did not end in time/),
    });
    kafka.brokers[0]?.resume();
    await mongo.node?.start();
    collector.closeAllConnections();
    collector.close();
    expect(await until(async () => (await completed()) > all && completed())).toBe(all + 1);
    // Its spans had nowhere to go, since it was started.
    expect(await feed.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(await ingest.end('SIGTERM')).toMatchObject({ code: 0 });
  }, 300_000);
});
