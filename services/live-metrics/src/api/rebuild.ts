/** Rebuilding the projections from the log while they are read. */
import { Count, maybe, Nullable, Problem, Shape, Time } from '@coachloop/contracts';
import type { App } from '@coachloop/service-kit';
import { Type } from 'typebox';
import type { GenerationSupervisor } from '../rebuild.ts';

const building = { generation: Count('The one that is built'), requestedAt: Time('When it was asked for') };

const Status = Shape({
  state: Type.Enum(['idle', 'building']),
  active: Count('The generation that is read'),
  building: Nullable(Shape(building)),
  lag: Nullable(Count('Records it has still to read')),
  health: Nullable(
    Shape({
      stalledMs: Count('Since when it tries the same thing again, ms; 0: it goes on'),
      stallReason: Nullable(Type.String()),
      deadLettersOpen: Count('Events that it could not count; once it is read, `dead-letters list` shows them'),
    }),
  ),
  last: Nullable(Shape({ ...building, finishedAt: Time('When reading went over to it') })),
});

export function rebuildRoutes(app: App, supervisor: () => GenerationSupervisor): void {
  const url = '/metrics/v1/rebuild';
  app.post(
    url,
    {
      schema: {
        summary: 'Rebuild all figures from the start of the log',
        description:
          'The next generation is built beside the one that is read; reading goes over to it in one step. Asking again while it is built changes nothing.',
        tags: ['metrics'],
        headers: Type.Object({ 'idempotency-key': maybe(Type.String({ minLength: 1, maxLength: 200 })) }),
        response: { 202: Status, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const status = await supervisor().request(request.headers['idempotency-key']);
      return reply.code(202).header('location', url).send(status);
    },
  );
  app.get(
    url,
    { schema: { summary: 'How far the rebuild is', tags: ['metrics'], response: { 200: Status, '5xx': Problem } } },
    async () => supervisor().status(),
  );
}
