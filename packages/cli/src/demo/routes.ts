/** Says that this is a demo, and how fast its clock runs, so that no page shows demo data without a label. */
import { type App, notFound } from '@coachloop/service-kit';
import { Type } from 'typebox';
import type { DemoClock } from './clock.ts';

const Demo = Type.Object({
  demo: Type.Literal(true),
  speed: Type.Number({ description: "How many times faster than the wall clock the demo's clock runs" }),
  now: Type.String({ description: 'Time on that clock' }),
});

export function demoRoutes(app: App, clock: DemoClock | null): void {
  app.get(
    '/demo/v1',
    { schema: { tags: ['operations'], summary: 'Whether this is a demo (404: it is not)', response: { 200: Demo } } },
    async () => {
      if (!clock) throw notFound('demo', 'v1');
      return { demo: true as const, speed: clock.speed, now: new Date(clock.now()).toISOString() };
    },
  );
}
