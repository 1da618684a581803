/** Services on adapters behind one HTTP server: the whole platform in one process, or one service alone. */
import type { HealthFigures } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import type { EventLog } from '@coachloop/event-log';
import { type Clock, type Faults, type Handled, RunningService } from '@coachloop/runtime';
import { Type } from 'typebox';
import { LagGauge } from './lag.ts';
import type { Logger } from './logging.ts';
import { deadLetterRoutes } from './ops/dead-letters.ts';
import { inspectRoutes } from './ops/inspect.ts';
import { statusRoutes } from './ops/status.ts';
import { createServer } from './server.ts';
import type { App, Service, Siblings } from './service.ts';

export interface PlatformOptions {
  readonly services: readonly Service[];
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free port; null: none, for tests by inject and for describing the routes. */
  readonly port: number | null;
  readonly logger: Logger;
  readonly version: string;
  readonly faults?: Faults;
  readonly era?: string;
  /** The edge refuses while a service is further behind than this many records. */
  readonly lagMax?: number;
  readonly onHandled?: (handled: readonly Handled[]) => void;
  /** Further routes: console, operations. */
  readonly extend?: (app: App, platform: Platform) => void | Promise<void>;
}

const LAG_MAX = 200_000;
const STALL_UNREADY_MS = 5_000;
/** A retry that helps at once is nobody's concern. */
const STALL_SHOWN_MS = 2_000;

export class Platform {
  readonly app: App;
  readonly running = new Map<string, RunningService>();
  readonly options: PlatformOptions;
  readonly lag: LagGauge;
  #background: { stop(): Promise<void> }[] = [];
  readonly #siblings: Siblings = {
    show: (service) => this.running.set(service.name, service),
    hide: (service) => this.running.delete(service.name),
  };
  #ready = false;

  private constructor(app: App, options: PlatformOptions) {
    this.app = app;
    this.options = options;
    this.lag = new LagGauge(options.log, () => [...this.running.values()], options.clock);
  }

  static async start(options: PlatformOptions): Promise<Platform> {
    const app = await createServer({ host: options.host, logger: options.logger, version: options.version });
    const platform = new Platform(app, options);
    for (const service of options.services) await platform.#startService(service);
    platform.#healthRoutes();
    statusRoutes(app, platform);
    deadLetterRoutes(app, platform);
    inspectRoutes(app, platform);
    await options.extend?.(app, platform);
    if (options.port === null) await app.ready();
    else await app.listen({ host: options.host, port: options.port });
    for (const service of options.services) {
      const context = platform.running.get(service.definition.name);
      if (service.background && context)
        platform.#background.push(await service.background(context, platform.#siblings));
    }
    platform.#ready = true;
    return platform;
  }

  get url(): string {
    const address = this.app.server.address();
    const port = typeof address === 'object' && address ? address.port : this.options.port;
    const host = this.options.host.includes(':') ? `[${this.options.host}]` : this.options.host;
    return `http://${host}:${port}`;
  }

  /** What it knows of itself, for the figures. */
  get health(): HealthFigures {
    const stalled = [...this.running.values()].flatMap(({ name, status }) =>
      status.stalledMs > STALL_SHOWN_MS ? [{ service: name, ms: status.stalledMs, reason: status.stallReason }] : [],
    );
    return { lag: [...this.lag.latest], deadLettersOpen: this.lag.deadLettersOpen, stalled };
  }

  /** Why it cannot work now; empty: it can. */
  async unready(): Promise<readonly string[]> {
    const [log, store] = await Promise.all([this.options.log.healthy(), this.options.store.healthy()]);
    const stalled = [...this.running.values()].filter(({ status }) => status.stalledMs > STALL_UNREADY_MS);
    return [
      ...(this.#ready ? [] : ['starting or stopping']),
      ...(log ? [] : ['the event log does not answer']),
      ...(store ? [] : ['the document store does not answer']),
      ...stalled.map(({ name, status }) => `${name} is stalled: ${status.stallReason}`),
    ];
  }

  /** Readiness first, then the edge, then consumption; the adapters belong to the caller. */
  async stop(): Promise<void> {
    this.#ready = false;
    await this.lag.stop();
    await Promise.all(this.#background.map((work) => work.stop()));
    await this.app.close();
    await Promise.all([...this.running.values()].map((service) => service.stop()));
  }

  async #startService(service: Service): Promise<void> {
    const { log, store, clock, logger, lagMax = LAG_MAX } = this.options;
    const running = await RunningService.start(service.definition, {
      log,
      store,
      clock,
      ...(this.options.faults ? { faults: this.options.faults } : {}),
      ...(this.options.era === undefined ? {} : { era: this.options.era }),
      ...(this.options.onHandled ? { onHandled: this.options.onHandled } : {}),
      pressure: () => (this.lag.most > lagMax ? 5 : null),
      onStall: (name, what, error) =>
        logger.error({ service: name, what, err: String(error) }, 'stalled; trying again without limit'),
      onParked: (name, { input, outcome, span }) =>
        logger.warn(
          {
            service: name,
            type: input.message.type,
            aggregate: `${input.target.collection}/${input.target.id}`,
            reason: outcome.status === 'parked' ? outcome.reason.code : undefined,
            traceId: span?.traceId,
          },
          'parked as a dead letter',
        ),
    });
    this.running.set(running.name, running);
    const { routes } = service;
    if (routes) await this.app.register(async (scope) => routes(scope as unknown as App, running));
  }

  #healthRoutes(): void {
    const Ready = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });
    this.app.get('/healthz', { schema: { tags: ['operations'], summary: 'The process is alive' } }, async () => ({
      alive: true,
    }));
    this.app.get(
      '/readyz',
      {
        schema: {
          tags: ['operations'],
          summary: 'It can work: log and store answer, nothing is stalled',
          response: { 200: Ready, 503: Ready },
        },
      },
      async (_request, reply) => {
        const reasons = await this.unready();
        return reply
          .code(reasons.length === 0 ? 200 : 503)
          .send({ ready: reasons.length === 0, reasons: [...reasons] });
      },
    );
  }
}
