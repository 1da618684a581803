/** GET /ops/v1/status: what each service does, how far it is behind, what holds it up. */
import { type Static, Type } from 'typebox';
import type { Outage } from '../health.ts';
import { awayReason } from '../peers.ts';
import type { Platform } from '../platform.ts';
import type { App } from '../service.ts';

const ServiceStatus = Type.Object({
  name: Type.String(),
  away: Type.Boolean({ description: 'true: no process answers for it; only its lag is known' }),
  handled: Type.Union([Type.Integer(), Type.Null()], { description: 'Messages since the start of the process' }),
  parked: Type.Union([Type.Integer(), Type.Null()], { description: 'Dead letters since the start of the process' }),
  lag: Type.Union([Type.Integer(), Type.Null()], {
    description: 'Records in the log that it has not handled; null: not known now',
  }),
  stalledMs: Type.Integer({ description: '0: nothing is stalled' }),
  stallReason: Type.Union([Type.String(), Type.Null()]),
});
export type ServiceStatus = Static<typeof ServiceStatus>;

const Status = Type.Object({
  version: Type.String(),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  notAnswering: Type.Array(Type.Enum(['event-log', 'document-store'] satisfies Outage[]), {
    description: 'Which of log and store do not answer the process that was asked',
  }),
  now: Type.String({ description: "The platform's time; a demo's clock runs fast" }),
  services: Type.Array(ServiceStatus),
});

/** Records; null: not known now. */
type LagOf = (group: string) => number | null;

export function statusRoutes(app: App, platform: Platform): void {
  /** Nobody says anything of it any more, but how far its groups are behind stands in the log. */
  const awayRows = (service: string, lagOf: LagOf): ServiceStatus[] => {
    const groups = [...platform.lag.known.keys()].filter((name) => name === service || name.startsWith(`${service}.`));
    return (groups.length === 0 ? [service] : groups).map((name) => ({
      name,
      away: true,
      handled: null,
      parked: null,
      lag: lagOf(name),
      stalledMs: 0,
      stallReason: null,
    }));
  };
  app.get(
    '/ops/v1/status',
    {
      schema: {
        tags: ['operations'],
        summary: 'Services, lag and stalls',
        querystring: Type.Object({
          own: Type.Optional(Type.Boolean({ description: 'true: only what runs in this process' })),
        }),
        response: { 200: Status },
      },
    },
    async ({ query }) => {
      const [own, outages, peers] = await Promise.all([
        platform.unready(),
        platform.outages(),
        query.own ? [] : platform.peers.ask(),
      ]);
      const { known } = platform.lag;
      const lagOf: LagOf = (name) =>
        known.get(name) === true && !outages.includes('event-log') ? platform.lag.of(name) : null;
      const reasons = [
        ...own,
        ...peers.flatMap(({ url, names, status }) =>
          status === null
            ? names.map((name) => awayReason(name, url))
            : status.reasons.map((reason) => `${names.join(', ')}: ${reason}`),
        ),
      ];
      const here = [...platform.running.values()].map(({ name, status }) => ({
        name,
        away: false,
        handled: status.handled,
        parked: status.parked,
        lag: lagOf(name),
        stalledMs: Math.round(status.stalledMs),
        stallReason: status.stallReason,
      }));
      const elsewhere = peers.flatMap(
        ({ names, status }) => status?.services ?? names.flatMap((name) => awayRows(name, lagOf)),
      );
      // Two addresses may lead to one process.
      const services = [...Map.groupBy([...here, ...elsewhere], ({ name }) => name).values()].flatMap(
        (rows) => rows.find(({ away }) => !away) ?? rows.slice(0, 1),
      );
      const now = new Date(platform.options.clock.now()).toISOString();
      return {
        version: platform.options.version,
        ready: reasons.length === 0,
        reasons: [...new Set(reasons)],
        notAnswering: [...outages],
        now,
        services,
      };
    },
  );
}
