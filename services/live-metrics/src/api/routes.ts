/** Figures for reading: once (`snapshot`), and as they change (`stream`). */
import type { OutgoingHttpHeaders } from 'node:http';
import { maybe, Problem, Snapshot } from '@coachloop/contracts';
import type { App } from '@coachloop/service-kit';
import { Type } from 'typebox';
import { criteriaOf } from '../domain/breakdown.ts';
import { between, DAYS, HOURS, stepOf } from '../domain/ring.ts';
import { hourSeries } from '../domain/series.ts';
import { knownOf } from '../domain/snapshot.ts';
import { metricsProblem } from '../errors.ts';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../prometheus.ts';
import type { MetricsSource } from '../source.ts';
import type { StreamHub } from '../stream/hub.ts';
import { decodePositions, POSITION_CHARACTERS_MAX } from '../stream/positions.ts';
import { CriteriaView, SeriesView } from './schemas.ts';

export function snapshotRoutes(app: App, source: MetricsSource): void {
  app.get(
    '/metrics/v1/snapshot',
    {
      schema: {
        summary: 'Every live figure with its unit and how many it is made of',
        description: 'Formulas: docs/metrics.md. Null means unknown: the events for it have never come.',
        tags: ['metrics'],
        response: { 200: Snapshot, '5xx': Problem },
      },
    },
    async () => (await source.snapshot()).snapshot,
  );

  app.get(
    '/metrics/v1/criteria',
    {
      schema: {
        summary: 'Every criterion with its counts, weakest first',
        tags: ['metrics'],
        querystring: Type.Object({ window: maybe(Type.Enum(['week', 'all'], { description: 'week' })) }),
        response: { 200: CriteriaView, '4xx': Problem, '5xx': Problem },
      },
    },
    async ({ query: { window = 'week' } }) => {
      const { share, shown } = await source.merged();
      const today = stepOf(DAYS, shown.service.clock.now());
      const bag = window === 'all' ? share.named : between(share.days, today - 6, today);
      return { window, items: [...criteriaOf(bag)] };
    },
  );

  app.get(
    '/metrics/v1/series',
    {
      schema: {
        summary: 'Calls, scores and service figures per hour of the last 14 days',
        tags: ['metrics'],
        response: { 200: SeriesView, '5xx': Problem },
      },
    },
    async () => {
      const { share, shown } = await source.merged();
      const { serviceLevelSeconds } = source.options.policy;
      const now = shown.service.clock.now();
      const o = { now, length: HOURS.length, known: knownOf(share), serviceLevelSeconds };
      return { hours: hourSeries(share.hours, HOURS, o) };
    },
  );
}

export function prometheusRoute(app: App, source: MetricsSource, clients: () => number): void {
  app.get(
    '/metrics',
    { schema: { summary: 'The figures for Prometheus', tags: ['metrics'], produces: ['text/plain'] } },
    async (_request, reply) => {
      const { snapshot } = await source.snapshot();
      const { share } = await source.merged();
      return reply.type(PROMETHEUS_CONTENT_TYPE).send(prometheusText(snapshot, share, clients()));
    },
  );
}

export function streamRoutes(app: App, hub: StreamHub): void {
  app.get(
    '/metrics/v1/stream',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Server-sent events: `snapshot` when something changed, `events` as they come',
        description:
          'Four snapshots a second at most. `id:` says where the feed is in the log, for any instance: with it as Last-Event-ID the feed goes on exactly there; what is too far back is told as `skipped`. A client that does not read is sent `closing` with its reason.',
        tags: ['metrics'],
        headers: Type.Object({ 'last-event-id': maybe(Type.String({ maxLength: POSITION_CHARACTERS_MAX })) }),
        response: { '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const text = request.headers['last-event-id'] ?? '';
      const from = text === '' ? null : decodePositions(text);
      if (text !== '' && from === null)
        throw metricsProblem('METRICS_POSITION_INVALID', `Last-Event-ID is ${JSON.stringify(text.slice(0, 100))}.`);
      await hub.serve(from, () => {
        reply.hijack();
        return reply.raw.writeHead(200, {
          ...(reply.getHeaders() as OutgoingHttpHeaders),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
      });
    },
  );
}
