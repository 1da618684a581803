/** live-metrics: the live figures of calls, scores and the loop. Projections are rebuilt from the log while they are read. */
import type { HealthFigures } from '@coachloop/contracts';
import type { RunningService, ServiceContext } from '@coachloop/runtime';
import { defineService, type Service } from '@coachloop/service-kit';
import { snapshotRoutes, streamRoutes } from './api/routes.ts';
import { checkedPolicy, DEFAULT_POLICY, type MetricsPolicy } from './domain/policy.ts';
import { metricsProblem } from './errors.ts';
import { generationDefinition } from './generation.ts';
import { MetricsSource, type Shown } from './source.ts';
import { StreamHub } from './stream/hub.ts';

export interface LiveMetricsOptions {
  readonly policy?: Partial<MetricsPolicy>;
  /** What the platform knows of itself: lag, dead letters, stalls. */
  readonly health?: () => HealthFigures;
}

export function liveMetrics(options: LiveMetricsOptions = {}): Service {
  const policy = checkedPolicy({ ...DEFAULT_POLICY, ...options.policy });
  let running: RunningService | null = null;
  let hub: StreamHub | null = null;
  const shown = (): Shown => {
    if (!running) throw metricsProblem('METRICS_NOT_READY', 'The figures are being opened.', 1);
    return { generation: 1, service: running };
  };
  return defineService({
    definition: { name: 'live-metrics', aggregates: [], consumes: {}, emits: [] },
    routes: (app, service: ServiceContext) => {
      const source = new MetricsSource({ shown, policy, health: options.health ?? (() => null) });
      hub = new StreamHub({ service, source });
      snapshotRoutes(app, source);
      streamRoutes(app, hub);
    },
    background: async (service) => {
      running = await service.beside(generationDefinition(1, policy));
      return {
        stop: async () => {
          await hub?.stop();
          await running?.stop();
        },
      };
    },
  });
}
