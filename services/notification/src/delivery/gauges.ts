/** What Prometheus is told of each webhook that is delivered; by id, since an address may have a secret in it. */
import type { ServiceContext } from '@coachloop/runtime';
import type { ServiceGauge } from '@coachloop/service-kit';
import type { DeletedWebhook, Webhook } from '../domain/webhook.ts';
import { failingOf, failingSinceOf } from '../domain/webhook-figures.ts';
import { figuresOf } from './figures.ts';
import { lagsOf } from './lag.ts';

async function activeOf(service: ServiceContext): Promise<readonly Webhook[]> {
  const { items } = await service.query<Webhook | DeletedWebhook>('webhooks', { index: 'by-created', limit: 1_000 });
  return items.flatMap(({ state }) => (state.status === 'active' ? [state] : []));
}

async function failingMsOf(service: ServiceContext, webhooks: readonly Webhook[]): Promise<readonly number[]> {
  const figures = await figuresOf(service, webhooks);
  const wallMs = service.clock.wall();
  return figures.map((each, i) => {
    const since = failingSinceOf(failingOf(webhooks[i] as Webhook, each));
    return since === null ? 0 : Math.max(0, wallMs - since);
  });
}

const gauge = (
  name: string,
  help: string,
  valuesOf: (service: ServiceContext, webhooks: readonly Webhook[]) => Promise<readonly number[]>,
): ServiceGauge => ({
  name,
  help,
  labelNames: ['webhook'],
  read: async (service) => {
    const webhooks = await activeOf(service);
    const values = await valuesOf(service, webhooks);
    return webhooks.map(({ webhookId }, i) => ({ labels: { webhook: webhookId }, value: values[i] ?? 0 }));
  },
});

export const WEBHOOK_GAUGES: readonly ServiceGauge[] = [
  gauge(
    'coachloop_webhook_lag_records',
    'Records of its topics that an active webhook has not come to yet, of whatever type.',
    (service, webhooks) => lagsOf(service.log, webhooks),
  ),
  gauge(
    'coachloop_webhook_failing_seconds',
    'How long the receiver of an active webhook has not taken the next event of some partition, or delivery does not begin; 0: all flow.',
    async (service, webhooks) => (await failingMsOf(service, webhooks)).map((ms) => ms / 1_000),
  ),
];
