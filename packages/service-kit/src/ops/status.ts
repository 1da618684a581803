/** GET /ops/v1/status: what each service does, how far it is behind, what holds it up. */
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import type { App } from '../service.ts';

const Status = Type.Object({
  version: Type.String(),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  now: Type.String({ description: "The platform's time; a demo's clock runs fast" }),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      handled: Type.Integer({ description: 'Messages since the start of the process' }),
      parked: Type.Integer({ description: 'Dead letters since the start of the process' }),
      lag: Type.Integer({ description: 'Records in the log that it has not handled' }),
      stalledMs: Type.Integer({ description: '0: nothing is stalled' }),
      stallReason: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});

export function statusRoutes(app: App, platform: Platform): void {
  app.get(
    '/ops/v1/status',
    { schema: { tags: ['operations'], summary: 'Services, lag and stalls', response: { 200: Status } } },
    async () => {
      const reasons = await platform.unready();
      const services = [...platform.running.values()].map(({ name, status }) => ({
        name,
        handled: status.handled,
        parked: status.parked,
        lag: platform.lag.of(name),
        stalledMs: Math.round(status.stalledMs),
        stallReason: status.stallReason,
      }));
      const now = new Date(platform.options.clock.now()).toISOString();
      return { version: platform.options.version, ready: reasons.length === 0, reasons: [...reasons], now, services };
    },
  );
}
