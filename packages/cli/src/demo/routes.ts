/** Says that this is a demo, and how fast its clock runs, so that no page shows demo data without a label. */
import type { App } from '@coachloop/service-kit';
import { Type } from 'typebox';

/** A clock that runs fast. */
export interface ShownClock {
  readonly speed: number;
  pace(): number;
  now(): number;
}

const Demo = Type.Object({
  demo: Type.Boolean(),
  speed: Type.Number({
    description: "How many times faster than the wall clock the demo's clock should run; 1: no demo",
  }),
  pace: Type.Number({ description: 'How fast it ran in the last seconds: it waits while services are behind' }),
  now: Type.String({ description: 'Time on that clock' }),
});

export function demoRoutes(app: App, clock: ShownClock | null): void {
  app.get(
    '/demo/v1',
    {
      schema: {
        tags: ['operations'],
        summary: 'Whether this is a demo, and what time it is here',
        response: { 200: Demo },
      },
    },
    async () => {
      const { speed, pace, now } = clock ?? { speed: 1, pace: () => 1, now: Date.now };
      return { demo: clock !== null, speed, pace: Math.round(pace() * 10) / 10, now: new Date(now()).toISOString() };
    },
  );
}
