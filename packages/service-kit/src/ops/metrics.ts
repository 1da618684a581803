/** GET /ops/v1/metrics: what this process does and uses, for Prometheus. The centre's figures are those of live-metrics. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Platform } from '../platform.ts';
import type { App } from '../service.ts';

export function metricsRoutes(app: App, platform: Platform): void {
  // Nothing is measured before somebody asks.
  let registry: Registry | null = null;
  app.get(
    '/ops/v1/metrics',
    { schema: { tags: ['operations'], summary: 'This process, for Prometheus' } },
    async (_request, reply) => {
      registry ??= registryOf(platform);
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}

/** Processor, memory, event loop and garbage collection, and what the services of this process did. */
function registryOf(platform: Platform): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  new Gauge({
    name: 'coachloop_build_info',
    help: 'Always 1; the label tells the version.',
    labelNames: ['version'],
    registers: [register],
  }).set({ version: platform.options.version }, 1);
  const counter = (name: string, help: string, of: (status: { handled: number; parked: number }) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['service'],
      registers: [register],
      collect() {
        this.reset();
        for (const { name: service, status } of platform.running.values()) this.inc({ service }, of(status));
      },
    });
  counter('coachloop_handled_total', 'Messages handled by this process.', ({ handled }) => handled);
  counter('coachloop_parked_total', 'Messages parked as dead letters by this process.', ({ parked }) => parked);
  new Gauge({
    name: 'coachloop_stalled_seconds',
    help: 'How long a service of this process has been waiting for log or store; 0: it is not.',
    labelNames: ['service'],
    registers: [register],
    collect() {
      this.reset();
      for (const { name: service, status } of platform.running.values()) this.set({ service }, status.stalledMs / 1000);
    },
  });
  new Gauge({
    name: 'coachloop_lag_unknown',
    help: '1: this process could not read how far the group is behind.',
    labelNames: ['group'],
    registers: [register],
    collect() {
      this.reset();
      for (const [group, isKnown] of platform.lag.known) this.set({ group }, isKnown ? 0 : 1);
    },
  });
  return register;
}
