/** Delivers to every active webhook: reads the list every few seconds, starts and stops subscriptions, reports figures. */
import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isLogError } from '@coachloop/event-log';
import type { Command, ServiceContext } from '@coachloop/runtime';
import { type DeletedWebhook, signsAt, type Webhook, type WebhookCommand } from '../domain/webhook.ts';
import { FORGET_COMMAND, REPORT_COMMAND, type Report } from '../domain/webhook-figures.ts';
import { guardedLookup } from './address.ts';
import type { DeliveryOptions } from './options.ts';
import { groupOf, Subscription, type SubscriptionPorts } from './subscription.ts';

export interface DeliveriesPorts {
  readonly service: ServiceContext;
  readonly options: DeliveryOptions;
  readonly allowPrivate: boolean;
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
  /** Reports whose fate is unknown: they are sent again under their key. */
  #unsaid: Command[] = [];
  readonly #stopping = new AbortController();
  #pause = new AbortController();
  readonly #loop: Promise<void>;

  constructor({ service, options, allowPrivate }: DeliveriesPorts) {
    this.#service = service;
    this.#options = options;
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
      try {
        await this.#reconcile();
        if (performance.now() - reportedMs >= this.#options.reportEveryMs) {
          reportedMs = performance.now();
          await this.#report();
        }
      } catch {
        // Log or store are away: the kernel's stall figure says so; deliveries that run go on, and we look again.
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
    for (const [id, { webhook, stopped }] of this.#subscriptions)
      if (stopped || wanted.get(id)?.generation !== webhook.generation) await this.#end(id);
    for (const [id, webhook] of wanted) {
      const running = this.#subscriptions.get(id);
      if (running) running.update(webhook);
      else this.#subscriptions.set(id, await Subscription.start(webhook, this.#ports));
    }
    for (const { state } of items) {
      if (state.retired.length > 0) await this.#tidy(state);
      if (state.status !== 'deleted') await this.#forgetSecrets(state);
    }
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
    for (const [id, { tally, webhook }] of this.#subscriptions) {
      const report = tally.take(webhook.epoch);
      if (report) this.#unsaid.push(reportCommand(id, report));
    }
    const commands = this.#unsaid.slice(0, 500);
    const outcomes = await this.#service.dispatch(commands);
    this.#unsaid = this.#unsaid.slice(commands.length);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status !== 'done' && outcome.status !== 'duplicate') continue;
      const { failingSinceMs, epoch } = outcome.reply as { failingSinceMs: number | null; epoch: number };
      const webhook = this.#subscriptions.get(commands[i]?.target.id ?? '')?.webhook;
      const tooLong =
        failingSinceMs !== null && this.#service.clock.wall() - failingSinceMs >= this.#options.disableAfterMs;
      if (tooLong && webhook?.epoch === epoch) await this.#disable(webhook, 'failing', failingSinceMs);
    }
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
