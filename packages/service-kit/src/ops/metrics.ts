/** GET /ops/v1/metrics: what this process does and uses, for Prometheus. The centre's figures are those of live-metrics. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Platform } from '../platform.ts';
import type { App, ServiceGauge } from '../service.ts';

/** Less than the ten seconds that Prometheus waits: a log that is away must not look like a process that is. */
const READ_MS = 2_000;

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
  for (const { definition, gauges = [] } of platform.options.services)
    for (const gauge of gauges) addGauge(register, platform, definition.name, gauge);
  return register;
}

function addGauge(register: Registry, platform: Platform, service: string, { read, ...gauge }: ServiceGauge): void {
  new Gauge({
    name: gauge.name,
    help: gauge.help,
    labelNames: [...gauge.labelNames],
    registers: [register],
    async collect() {
      const context = platform.running.get(service);
      const known = context ? await within(READ_MS, platform, () => read(context)) : null;
      this.reset();
      for (const { labels, value } of known ?? []) this.set(labels, value);
    },
  });
}

/** Null: it failed, or it takes longer. */
async function within<T>(ms: number, { options: { clock } }: Platform, read: () => Promise<T>): Promise<T | null> {
  const late = new AbortController();
  const value = read().catch(() => null);
  const found = await Promise.race([value, clock.sleep(ms, late.signal).then(() => null)]);
  late.abort();
  return found;
}
