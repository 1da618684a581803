/** live-metrics: the live figures of calls, scores and the loop. Projections are rebuilt from the log while they are read. */
import type { HealthFigures } from '@coachloop/contracts';
import { aggregate } from '@coachloop/runtime';
import { defineService, type Service } from '@coachloop/service-kit';
import { agentRoutes } from './api/agents.ts';
import { rebuildRoutes } from './api/rebuild.ts';
import { prometheusRoute, snapshotRoutes, streamRoutes } from './api/routes.ts';
import { FIRST_GENERATION, type Generations, handleGenerations } from './domain/generations.ts';
import { checkedPolicy, DEFAULT_POLICY, type MetricsPolicy } from './domain/policy.ts';
import { metricsProblem } from './errors.ts';
import { GENERATION_TARGET } from './generation.ts';
import { GenerationSupervisor } from './rebuild.ts';
import { MetricsSource } from './source.ts';
import type { DropReason } from './stream/client.ts';
import { HUB_BOUNDS, StreamHub } from './stream/hub.ts';

export interface LiveMetricsOptions {
  readonly policy?: Partial<MetricsPolicy>;
  /** What the platform knows of itself: lag, dead letters, stalls. Called at most four times a second. */
  readonly health?: () => HealthFigures;
  readonly onDropped?: (reason: DropReason) => void;
  /** Clients of the stream at a time; default 2,000. */
  readonly clientsMax?: number;
}

/** One per platform. What consumes the events are the generations, which run beside it: see `generation.ts`. */
export function liveMetrics(options: LiveMetricsOptions = {}): Service {
  const { clientsMax = HUB_BOUNDS.clients_max } = options;
  const policy = checkedPolicy({ ...DEFAULT_POLICY, ...options.policy });
  let generations: GenerationSupervisor | null = null;
  let hub: StreamHub | null = null;
  let warn: (what: string, error: string) => void = () => undefined;
  const supervisor = (): GenerationSupervisor => {
    if (generations) return generations;
    throw metricsProblem('METRICS_NOT_READY', 'The service is starting.', 1);
  };
  return defineService({
    definition: {
      name: 'live-metrics',
      aggregates: [
        aggregate<Generations>({
          collection: GENERATION_TARGET.collection,
          schema: 1,
          initial: () => FIRST_GENERATION,
          handle: handleGenerations,
        }),
      ],
      consumes: {},
      emits: [],
    },
    routes: (app, service) => {
      warn = (what, error) => app.log.warn({ what, err: error }, 'trying again without limit');
      const health = options.health ?? (() => null);
      const source = new MetricsSource({ shown: () => supervisor().shown(), policy, health });
      const warnSlow = (reason: DropReason) => reason === 'slow' && app.log.warn('a client of the stream was too slow');
      const onDropped = options.onDropped ?? warnSlow;
      const streams = new StreamHub({ service, source, onDropped, clientsMax });
      hub = streams;
      snapshotRoutes(app, source);
      agentRoutes(app, source);
      streamRoutes(app, streams);
      prometheusRoute(app, source, () => streams.clients);
      rebuildRoutes(app, supervisor);
    },
    background: async (service, siblings) => {
      const started = new GenerationSupervisor(service, policy, siblings, (what, error) => warn(what, error));
      try {
        await started.start();
      } catch (error) {
        await started.stop(); // it is begun anew when log and store answer
        throw error;
      }
      generations = started;
      return {
        stop: async () => {
          await hub?.stop();
          await started.stop();
        },
      };
    },
  });
}
