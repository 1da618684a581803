/** Services on adapters behind one HTTP server: the whole platform in one process, or one service alone. */
import type { HealthFigures } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import type { EventLog } from '@coachloop/event-log';
import {
  type Clock,
  collectionsOfService,
  type Faults,
  type Handled,
  RunningService,
  type ServiceDefinition,
  type ServiceOptions,
} from '@coachloop/runtime';
import { calledOf, healthRoutes, type Outage, outagesOf, reasonsOf } from './health.ts';
import { LagGauge } from './lag.ts';
import type { Logger } from './logging.ts';
import { deadLetterRoutes } from './ops/dead-letters.ts';
import { inspectRoutes } from './ops/inspect.ts';
import { metricsRoutes } from './ops/metrics.ts';
import { statusRoutes } from './ops/status.ts';
import { patiently } from './patience.ts';
import { type Peer, Peers } from './peers.ts';
import { httpProblem } from './problem.ts';
import { createServer } from './server.ts';
import type { App, Service, Siblings } from './service.ts';

export interface PlatformOptions {
  readonly services: readonly Service[];
  readonly log: EventLog;
  readonly store: DocumentStore;
  /** What log and store are, where they are servers: `Kafka`, `MongoDB`. */
  readonly servers?: Readonly<Record<Outage, string>>;
  readonly clock: Clock;
  readonly host: string;
  /** Names under which others than this machine may ask for everything; see `createServer`. */
  readonly allowedHosts?: readonly string[];
  /** 0: any free port; null: none, for tests by inject and for describing the routes. */
  readonly port: number | null;
  readonly logger: Logger;
  readonly version: string;
  readonly faults?: Faults;
  readonly era?: string;
  /** The edge refuses while a service is further behind than this many records. */
  readonly lagMax?: number;
  /** Wall-clock ms between looks at the lag; default 500. */
  readonly lagEveryMs?: number;
  /** How long stopping waits for what is in hand, in ms; default 4,000. */
  readonly stopMs?: number;
  /** Every service that writes to this log and store, where other processes run some of them; default: those that run here. */
  readonly installation?: (store: DocumentStore) => Promise<readonly ServiceDefinition[]>;
  /** The other processes, for one that answers for all of them. */
  readonly peers?: readonly Peer[];
  /** The API document, where this process serves more routes than its own. */
  readonly apiDocument?: object;
  readonly onHandled?: (handled: readonly Handled[]) => void;
  /** Further routes: console, operations. */
  readonly extend?: (app: App, platform: Platform) => void | Promise<void>;
}

const LAG_MAX = 200_000;
const STOP_MS = 4_000;
/** A retry that helps at once is nobody's concern. */
const STALL_SHOWN_MS = 2_000;
const PEERS_EVERY_MS = 2_000;

export class Platform {
  readonly app: App;
  readonly running = new Map<string, RunningService>();
  readonly options: PlatformOptions;
  readonly lag: LagGauge;
  readonly peers: Peers;
  /** Resolves when it is ready to work; rejects with what waiting does not help against. */
  readonly started: Promise<void>;
  /** Services that take requests. */
  readonly #taking = new Set<string>();
  /** Services of other processes, to ask and to give commands to. */
  readonly #guests = new Map<string, Promise<RunningService>>();
  readonly #stopping = new AbortController();
  #background: { stop(): Promise<void> }[] = [];
  readonly #siblings: Siblings = {
    show: (service) => this.running.set(service.name, service),
    hide: (service) => this.running.delete(service.name),
  };
  #waitsFor: string | null = 'starting';
  #lastWait = '';
  #asking: Promise<readonly Outage[]> | null = null;

  private constructor(app: App, options: PlatformOptions, listening: Promise<void>) {
    this.app = app;
    this.options = options;
    this.peers = new Peers(options.peers ?? []);
    const { log, store, clock, logger, lagEveryMs: everyMs } = options;
    this.lag = new LagGauge({
      log,
      store,
      clock,
      services: () => this.definitions(),
      ...(everyMs === undefined ? {} : { everyMs }),
      // While it starts, what keeps it from starting is said.
      isQuiet: () => this.#waitsFor !== null,
      onUnknown: (error, what) => logger.warn({ what, err: String(error) }, 'not known how far it is behind'),
    });
    this.started = listening.then(() => this.#open());
  }

  /** Resolves when it is ready to work. */
  static async start(options: PlatformOptions): Promise<Platform> {
    const platform = await Platform.listen(options);
    try {
      await platform.started;
      return platform;
    } catch (error) {
      await platform.stop();
      throw error;
    }
  }

  /** Resolves when it listens; until `started`, readiness says what it waits for. Routes answer 503 until log and store have answered. */
  static async listen(options: PlatformOptions): Promise<Platform> {
    const { host, allowedHosts, logger, version, apiDocument, port } = options;
    const app = await createServer({
      host,
      logger,
      version,
      ...(allowedHosts === undefined ? {} : { allowedHosts }),
      ...(apiDocument === undefined ? {} : { apiDocument }),
    });
    const { promise: listening, resolve } = Promise.withResolvers<void>();
    const platform = new Platform(app, options, listening);
    try {
      for (const service of options.services) await platform.#addService(service);
      healthRoutes(app, platform);
      statusRoutes(app, platform);
      metricsRoutes(app, platform);
      deadLetterRoutes(app, platform);
      inspectRoutes(app, platform);
      await options.extend?.(app, platform);
      if (port === null) await app.ready();
      else await app.listen({ host, port });
    } catch (error) {
      void platform.lag.stop();
      throw error;
    }
    platform.started.catch(() => undefined); // whoever waits for it hears of it
    resolve();
    return platform;
  }

  get url(): string {
    const address = this.app.server.address();
    const port = typeof address === 'object' && address ? address.port : this.options.port;
    const host = this.options.host.includes(':') ? `[${this.options.host}]` : this.options.host;
    return `http://${host}:${port}`;
  }

  /** What it knows of itself and its peers, for the figures. */
  get health(): HealthFigures {
    const here = [...this.running.values()].map(({ name, status }) => ({
      service: name,
      ms: status.stalledMs,
      reason: status.stallReason,
      away: false,
    }));
    const stalled = [...here, ...this.peers.stalled].filter(({ ms }) => ms > STALL_SHOWN_MS);
    return { lag: [...this.lag.latest], deadLettersOpen: this.lag.deadLettersOpen, stalled };
  }

  /** What it waits for before it can work; null: it has started and is not stopping. */
  get waitsFor(): string | null {
    return this.#waitsFor;
  }

  /** Why it cannot work now; empty: it can. */
  async unready(): Promise<readonly string[]> {
    return reasonsOf(this);
  }

  /** Which of log and store do not answer now. Whoever asks while they are being asked gets the same answer. */
  outages(): Promise<readonly Outage[]> {
    this.#asking ??= outagesOf(this).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Every service of the installation. What runs beside one, such as the generation of a projection, comes and goes. */
  async definitions(): Promise<readonly ServiceDefinition[]> {
    const here = [...this.running.values()].map(({ definition }) => definition);
    const all = (await this.options.installation?.(this.options.store)) ?? [];
    return [...here, ...all.filter(({ name }) => !this.running.has(name))];
  }

  /** Every service of the installation, to ask and to give commands to; those of other processes do not consume here. */
  async everyService(): Promise<ReadonlyMap<string, RunningService>> {
    const definitions = await this.definitions();
    const ours = this.options.services.map(({ definition }) => definition.name);
    // What takes no requests yet may have declared nothing.
    const starting = new Set(ours.filter((name) => !this.#taking.has(name)));
    const services = await Promise.all(
      definitions.map((definition) => {
        const here = starting.has(definition.name) ? undefined : this.running.get(definition.name);
        return here ?? this.#guest(definition);
      }),
    );
    return new Map(services.map((service) => [service.name, service]));
  }

  /** Readiness first, then consumption and the edge, then the server; the adapters belong to the caller. Stopping takes `stopMs` at most. */
  async stop(): Promise<void> {
    this.#waitsFor = 'stopping';
    this.#stopping.abort();
    void this.lag.stop();
    const { clock, stopMs = STOP_MS } = this.options;
    const late = new AbortController();
    try {
      await Promise.race([this.#finish(), clock.sleep(stopMs, late.signal)]);
    } finally {
      late.abort();
      await this.app.close();
    }
  }

  /** Whatever fails to stop, all others are stopped. @throws what the first of them threw */
  async #finish(): Promise<void> {
    const background = await Promise.allSettled(this.#background.map((work) => work.stop()));
    const guests = await Promise.allSettled(this.#guests.values());
    const all = [
      ...this.running.values(),
      ...guests.flatMap((guest) => (guest.status === 'fulfilled' ? guest.value : [])),
    ];
    const stopped = await Promise.allSettled(all.map((service) => service.stop()));
    for (const each of [...background, ...stopped]) if (each.status === 'rejected') throw each.reason;
  }

  async #addService(service: Service): Promise<void> {
    const running = new RunningService(service.definition, this.#serviceOptions());
    this.running.set(running.name, running);
    const { routes } = service;
    if (!routes) return;
    await this.app.register(async (scope) => {
      scope.addHook('onRequest', async () => {
        if (!this.#taking.has(running.name))
          throw httpProblem('SERVICE_STARTING', `${running.name} is starting.`, { retryAfter: 2 });
      });
      await routes(scope as unknown as App, running);
    });
  }

  /** A log or a store that is away is waited for; anything else is thrown. */
  async #open(): Promise<void> {
    const { services, clock } = this.options;
    const patience = (what: string) => ({
      clock,
      signal: this.#stopping.signal,
      onWait: (error: unknown) => this.#wait(what, error),
    });
    const withContext = services.flatMap((service) => {
      const context = this.running.get(service.definition.name);
      return context ? [{ service, context }] : [];
    });
    // Requests need no place in the group: who was killed holds that one for the rest of its session, half a minute on Kafka.
    for (const { context } of withContext) {
      this.#begin(`starting ${context.name}`);
      await patiently(() => context.prepare(), patience(context.name));
      this.#taking.add(context.name);
    }
    for (const { context } of withContext) {
      this.#begin(`${context.name} waits for its place in its group`);
      await patiently(() => context.open(), patience(context.name));
    }
    for (const { service, context } of withContext) {
      this.#begin(`starting what ${context.name} does beside`);
      await patiently(async () => {
        const work = await service.background?.(context, this.#siblings);
        if (work) this.#background.push(work);
        if (this.#stopping.signal.aborted) await work?.stop(); // who stopped the others may have come too early for it
      }, patience(context.name));
    }
    if (this.#stopping.signal.aborted) return;
    this.#waitsFor = null;
    if (this.options.peers) void this.#askPeers();
  }

  #begin(step: string): void {
    if (!this.#stopping.signal.aborted) this.#waitsFor = step;
  }

  /** Each reason is said once, however often it is tried. */
  #wait(what: string, error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    if (said !== this.#lastWait) void this.#tellWait(what, said);
    this.#lastWait = said;
    this.#begin(`starting ${what}: ${said}`);
  }

  /** The error is of the one that was asked first; the other one may be away, too. */
  async #tellWait(service: string, err: string): Promise<void> {
    const notAnswering = (await this.outages()).map((which) => calledOf(this, which));
    this.options.logger.warn({ service, err, notAnswering }, 'waiting to start');
  }

  async #askPeers(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.peers.ask();
      await this.options.clock.sleep(PEERS_EVERY_MS, this.#stopping.signal);
    }
  }

  #guest(definition: ServiceDefinition): Promise<RunningService> {
    const known = this.#guests.get(definition.name);
    if (known) return known;
    const guest = new RunningService(definition, this.#serviceOptions());
    const declared = this.options.store.declare(collectionsOfService(definition)).then(() => guest);
    this.#guests.set(definition.name, declared);
    declared.catch(() => this.#guests.delete(definition.name)); // the next one to ask tries again
    return declared;
  }

  #serviceOptions(): ServiceOptions {
    const { log, store, clock, logger, faults, era, onHandled, stopMs, lagMax = LAG_MAX } = this.options;
    return {
      log,
      store,
      clock,
      ...(faults ? { faults } : {}),
      ...(era === undefined ? {} : { era }),
      ...(onHandled ? { onHandled } : {}),
      ...(stopMs === undefined ? {} : { stopMs }),
      pressure: () => (this.lag.most > lagMax ? 5 : null),
      onStall: (name, what, error, traceId) =>
        logger.error({ service: name, what, err: String(error), traceId }, 'stalled; trying again without limit'),
      onStallEnd: (name, stalledMs) =>
        logger.warn({ service: name, stalledMs: Math.round(stalledMs) }, 'goes on: nothing is stalled any more'),
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
    };
  }
}
