/** Delivers to every active webhook: reads the list every few seconds, starts and stops subscriptions, reports figures. */
import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isLogError } from '@coachloop/event-log';
import type { Command, ServiceContext } from '@coachloop/runtime';
import { type Fault, StandingFaults } from '@coachloop/service-kit';
import { type DeletedWebhook, signsAt, type Webhook, type WebhookCommand } from '../domain/webhook.ts';
import { FORGET_COMMAND, failingOf, NOT_BEGUN, REPORT_COMMAND, type Report } from '../domain/webhook-figures.ts';
import { guardedLookup } from './address.ts';
import { figuresOf } from './figures.ts';
import { lanesOf } from './lag.ts';
import type { DeliveryOptions } from './options.ts';
import { groupOf, Subscription, type SubscriptionPorts } from './subscription.ts';

/** In one request. */
const REPORTS_MAX = 500;

export interface DeliveriesPorts {
  readonly service: ServiceContext;
  readonly options: DeliveryOptions;
  readonly allowPrivate: boolean;
  /** Told of a fault that stands, once; outages of log and store are not. */
  readonly warn: (what: string, error: string) => void;
}

/** Keys of commands that need none: they say how it is, and repeating them changes nothing. */
export const commandOf = (webhookId: string, command: WebhookCommand): Command => ({
  target: { collection: 'webhooks', id: webhookId },
  type: command.type,
  data: command,
  key: randomUUID(),
  laneKey: webhookId,
});

export class Deliveries {
  readonly #ports: SubscriptionPorts;
  readonly #service: ServiceContext;
  readonly #options: DeliveryOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #wanted: ReadonlyMap<string, Webhook> = new Map();
  /** Joining a group takes its time, or does not come to an end; the others go on meanwhile. */
  readonly #starting = new Map<string, Promise<void>>();
  /** Of webhooks that could not be started, which their status shows too; and, said in the log alone, of everything else. */
  readonly #unstarted: StandingFaults;
  readonly #faults: StandingFaults;
  /** Reports whose fate is unknown: they are sent again under their key. */
  #unsaid: Command[] = [];
  readonly #stopping = new AbortController();
  #pause = new AbortController();
  readonly #loop: Promise<void>;

  constructor({ service, options, allowPrivate, warn }: DeliveriesPorts) {
    this.#service = service;
    this.#options = options;
    this.#unstarted = new StandingFaults(service.clock, (id, error) => warn(`deliver webhook ${id}`, error));
    this.#faults = new StandingFaults(service.clock, warn);
    const lookup = guardedLookup(allowPrivate);
    // No bound per address: each webhook has its own, and one that waits in here for another's sockets would count as failing.
    const connections = { keepAlive: true, timeout: 60_000, lookup } as const;
    this.#ports = {
      service,
      options,
      allowPrivate,
      agents: { http: new HttpAgent(connections), https: new HttpsAgent(connections) },
      onGone: (webhook) =>
        void this.#disable(webhook, 'gone', null).then(
          () => this.wake(),
          () => undefined,
        ),
    };
    this.#loop = this.#run();
  }

  /** Something changed: look now. */
  wake(): void {
    this.#pause.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#starting.values());
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.stop()));
    await this.#report().catch(() => undefined); // figures of the last seconds; nothing depends on them
    this.#ports.agents.http.destroy();
    this.#ports.agents.https.destroy();
  }

  async #run(): Promise<void> {
    const { clock } = this.#service;
    let reportedMs = performance.now();
    while (!this.#stopping.signal.aborted) {
      this.#pause = new AbortController();
      await this.#faults.guard('read the webhooks', () => this.#reconcile());
      if (performance.now() - reportedMs >= this.#options.reportEveryMs) {
        reportedMs = performance.now();
        await this.#faults.guard('take back failures of webhooks', () => this.#takeBack());
        await this.#faults.guard('report figures of webhooks', () => this.#report());
      }
      await clock.sleep(this.#options.reconcileEveryMs, AbortSignal.any([this.#pause.signal, this.#stopping.signal]));
    }
  }

  async #reconcile(): Promise<void> {
    const { items } = await this.#service.query<Webhook | DeletedWebhook>('webhooks', {
      index: 'by-created',
      limit: 1_000,
    });
    const wanted = new Map(items.flatMap(({ state }) => (state.status === 'active' ? [[state.webhookId, state]] : [])));
    this.#wanted = wanted;
    for (const { state } of items) if (state.status !== 'active') this.#unstarted.passed(state.webhookId);
    const ending = [...this.#subscriptions].filter(
      ([id, { webhook, stopped }]) => stopped || wanted.get(id)?.generation !== webhook.generation,
    );
    await Promise.all(ending.map(([id]) => this.#faults.guard(`stop webhook ${id}`, () => this.#end(id))));
    for (const [id, webhook] of wanted) {
      const running = this.#subscriptions.get(id);
      if (running) running.update(webhook);
      else if (!this.#starting.has(id)) this.#starting.set(id, this.#start(webhook));
    }
    for (const { state } of items)
      await this.#faults.guard(`clear away what webhook ${state.webhookId} left`, () => this.#clearAway(state));
  }

  async #start(webhook: Webhook): Promise<void> {
    const { webhookId, epoch } = webhook;
    try {
      this.#subscriptions.set(webhookId, await Subscription.start(webhook, this.#ports));
      if (this.#unstarted.of(webhookId)) this.#unsaid.push(reportCommand(webhookId, begun(epoch)));
      this.#unstarted.passed(webhookId);
    } catch (error) {
      this.#unstarted.note(webhookId, error);
    } finally {
      this.#starting.delete(webhookId);
    }
  }

  async #clearAway(state: Webhook | DeletedWebhook): Promise<void> {
    // Who is about to join a group would make it again.
    if (state.retired.length > 0 && !this.#starting.has(state.webhookId)) await this.#tidy(state);
    if (state.status !== 'deleted') await this.#forgetSecrets(state);
  }

  /** What signs no more is not kept. */
  async #forgetSecrets({ webhookId, secrets }: Webhook): Promise<void> {
    const wallMs = this.#service.clock.wall();
    if (secrets.every(signsAt(wallMs))) return;
    await this.#service.dispatch([commandOf(webhookId, { type: 'webhook.expired', wallMs })]);
  }

  async #end(id: string): Promise<void> {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    await subscription?.stop();
    const report = subscription?.tally.take(subscription.webhook.epoch);
    if (report) this.#unsaid.push(reportCommand(id, report));
  }

  /** Groups that will not come back: they would hold up retention. Removed by whoever leaves last. */
  async #tidy({ webhookId, retired, status }: Webhook | DeletedWebhook): Promise<void> {
    const generations: number[] = [];
    for (const generation of retired) {
      try {
        await this.#service.log.deleteGroup(groupOf(webhookId, generation));
        generations.push(generation);
      } catch (error) {
        if (!isLogError(error, 'LOG_GROUP_ACTIVE')) throw error;
      }
    }
    if (generations.length === 0) return;
    await this.#service.dispatch([commandOf(webhookId, { type: 'webhook.tidied', generations })]);
    if (status !== 'deleted') return;
    this.#unsaid = this.#unsaid.filter(({ target }) => target.id !== webhookId);
    await this.#service.dispatch([figuresCommand(webhookId, FORGET_COMMAND, null)]);
  }

  async #report(): Promise<void> {
    // While those before it cannot be said, what is counted goes on being counted together.
    if (this.#unsaid.length < REPORTS_MAX)
      for (const [id, { tally, webhook }] of this.#subscriptions) {
        const report = tally.take(webhook.epoch);
        if (report) this.#unsaid.push(reportCommand(id, report));
      }
    const said = this.#unsaid.slice(0, REPORTS_MAX);
    // Said each time as long as it stands: another process, which can, may have said that it has begun.
    const commands = [...said, ...this.#notBegun()];
    const outcomes = await this.#service.dispatch(commands);
    this.#unsaid = this.#unsaid.slice(said.length);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status !== 'done' && outcome.status !== 'duplicate') continue;
      const { failingSinceMs, epoch } = outcome.reply as { failingSinceMs: number | null; epoch: number };
      const webhook = this.#subscriptions.get(commands[i]?.target.id ?? '')?.webhook;
      const tooLong =
        failingSinceMs !== null && this.#service.clock.wall() - failingSinceMs >= this.#options.disableAfterMs;
      if (tooLong && webhook?.epoch === epoch) await this.#disable(webhook, 'failing', failingSinceMs);
    }
  }

  /**
   * A partition of which nothing waits does not fail. The books may say so all the same: whoever delivered its last event was
   * killed before the report, and nobody comes to that partition again until there is another event.
   */
  async #takeBack(): Promise<void> {
    if (this.#unsaid.length >= REPORTS_MAX) return;
    // What is not said yet may be this very thing, and the books do not know it.
    const unsaid = new Set(this.#unsaid.map(({ target }) => target.id));
    const here = [...this.#subscriptions.values()].flatMap(({ webhook }) =>
      unsaid.has(webhook.webhookId) ? [] : [webhook],
    );
    const figures = await figuresOf(this.#service, here);
    const failing = figures.flatMap((each, i) => {
      const webhook = here[i] as Webhook;
      const lanes = failingOf(webhook, each).flatMap(({ lane }) => (lane === NOT_BEGUN ? [] : lane));
      return lanes.length === 0 ? [] : [{ webhook, lanes }];
    });
    if (failing.length === 0) return;
    const waiting = await lanesOf(
      this.#service.log,
      failing.map(({ webhook }) => webhook),
    );
    for (const [i, { webhook, lanes }] of failing.entries()) {
      const behind = new Set(waiting[i]?.flatMap(({ lane, records }) => (records > 0 ? lane : [])));
      const flowing = lanes.filter((lane) => !behind.has(lane));
      if (flowing.length > 0) this.#unsaid.push(reportCommand(webhook.webhookId, tookBack(webhook.epoch, flowing)));
    }
  }

  #notBegun(): readonly Command[] {
    return [...this.#wanted.values()].flatMap(({ webhookId, epoch }) => {
      const fault = this.#unstarted.of(webhookId);
      return fault ? [reportCommand(webhookId, notBegun(epoch, fault))] : [];
    });
  }

  async #disable({ webhookId, epoch }: Webhook, reason: string, sinceMs: number | null): Promise<void> {
    const failingSince = sinceMs === null ? {} : { failingSince: new Date(sinceMs).toISOString() };
    await this.#service.dispatch([commandOf(webhookId, { type: 'webhook.disable', epoch, reason, ...failingSince })]);
  }
}

const figuresCommand = (webhookId: string, type: string, data: Report | null): Command => ({
  target: { collection: 'webhook-figures', id: webhookId },
  type,
  data,
  key: randomUUID(),
  laneKey: webhookId,
});
const reportCommand = (webhookId: string, report: Report) => figuresCommand(webhookId, REPORT_COMMAND, report);

const NOTHING_DELIVERED = {
  delivered: 0,
  lastDeliveredMs: null,
  lastAttemptMs: null,
  lastStatus: null,
  lastError: null,
};
const tookBack = (epoch: number, flowing: readonly string[]): Report => ({
  ...NOTHING_DELIVERED,
  epoch,
  failing: [],
  flowing,
});
const begun = (epoch: number): Report => tookBack(epoch, [NOT_BEGUN]);
const notBegun = (epoch: number, { error, sinceMs }: Fault): Report => ({
  ...NOTHING_DELIVERED,
  epoch,
  failing: [{ lane: NOT_BEGUN, sinceMs, status: null, error }],
  flowing: [],
});
