/** Figures for reading: once (`snapshot`), and as they change (`stream`). */
import type { OutgoingHttpHeaders } from 'node:http';
import { maybe, Problem, Snapshot } from '@coachloop/contracts';
import type { App } from '@coachloop/service-kit';
import { Type } from 'typebox';
import { metricsProblem } from '../errors.ts';
import type { MetricsSource } from '../source.ts';
import type { StreamHub } from '../stream/hub.ts';
import { decodePositions, POSITION_CHARACTERS_MAX } from '../stream/positions.ts';

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
