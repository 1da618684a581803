/** notification: people are told by rules, systems by webhooks and by reading the public log over HTTP. */
import { PUBLIC_TOPICS, TOPIC_OF_TYPE } from '@coachloop/contracts';
import { aggregate, type Router } from '@coachloop/runtime';
import { defineService } from '@coachloop/service-kit';
import { eventsRoute, type FeedTimings } from './api/events.ts';
import { inboxRoutes } from './api/inboxes.ts';
import { webhookRoutes } from './api/webhooks.ts';
import { Deliveries, type DeliveriesPorts } from './delivery/deliveries.ts';
import { WEBHOOK_GAUGES } from './delivery/gauges.ts';
import { DEFAULT_DELIVERY, type DeliveryOptions } from './delivery/options.ts';
import { handleInbox, type Inbox, newInbox, type Policy } from './domain/inbox.ts';
import { handleEntry, type LogEntry, newEntry } from './domain/log-entry.ts';
import { toldOf } from './domain/rules.ts';
import { handleWebhook, newWebhook, type WebhookState } from './domain/webhook.ts';
import { type Figures, handleFigures, newFigures } from './domain/webhook-figures.ts';
import { readPolicy } from './policy.ts';
import { withCreateHash } from './upcasts.ts';

export interface NotificationOptions {
  /** Default: `rules/default.v1.yaml` and `templates/default.v1.yaml`; other files are read by `readPolicy`. */
  readonly policy?: Policy;
  readonly delivery?: Partial<DeliveryOptions>;
  readonly feed?: FeedTimings;
  /** Whether webhooks may lead to private addresses. Default: no. */
  readonly allowPrivate?: boolean;
}

const toEntry: Router = (event) => [
  { collection: 'notifications', id: (event.data as { notificationId: string }).notificationId },
];

/** The topics that the rules are about: topic → type → the inboxes of those to be told. */
function consumed({ rules }: Policy): Record<string, Record<string, Router>> {
  const toInboxes: Router = (event) =>
    [...new Set(toldOf(rules, event).map(({ person }) => person))].map((id) => ({ collection: 'inboxes', id }));
  const topics: Record<string, Record<string, Router>> = {
    'notification-events': { 'notification.created': toEntry, 'notification.read': toEntry },
  };
  for (const { on } of rules) {
    const topic = TOPIC_OF_TYPE[on];
    if (topic !== undefined) topics[topic] = { ...topics[topic], [on]: toInboxes };
  }
  return topics;
}

export function notification(options: NotificationOptions = {}) {
  const policy = options.policy ?? readPolicy();
  const allowPrivate = options.allowPrivate ?? false;
  let deliveries: Deliveries | null = null;
  let warn: DeliveriesPorts['warn'] = () => undefined;
  return defineService({
    definition: {
      name: 'notification',
      aggregates: [
        aggregate<Inbox>({ collection: 'inboxes', schema: 1, initial: newInbox, handle: handleInbox(policy) }),
        aggregate<LogEntry>({
          collection: 'notifications',
          schema: 1,
          indexes: [
            { name: 'by-at', fields: ['state.at'] },
            { name: 'by-person', fields: ['state.to', 'state.at'] },
            { name: 'by-agent', fields: ['state.agentId', 'state.at'] },
          ],
          initial: newEntry,
          handle: handleEntry,
        }),
        aggregate<WebhookState>({
          collection: 'webhooks',
          schema: 2,
          upcasts: { 1: withCreateHash },
          indexes: [{ name: 'by-created', fields: ['state.createdAt'] }],
          initial: newWebhook,
          handle: handleWebhook,
        }),
        aggregate<Figures>({ collection: 'webhook-figures', schema: 1, initial: newFigures, handle: handleFigures }),
      ],
      consumes: consumed(policy),
      emits: ['notification-events'],
      // Also where the service that writes one has not started yet.
      offers: PUBLIC_TOPICS,
    },
    routes: (app, service) => {
      warn = (what, error) => app.log.warn({ what, err: error }, 'trying again without limit');
      inboxRoutes(app, service);
      webhookRoutes(app, { service, allowPrivate, changed: () => deliveries?.wake() });
      eventsRoute(app, service, options.feed);
    },
    background: async (service) => {
      deliveries = new Deliveries({
        service,
        options: { ...DEFAULT_DELIVERY, ...options.delivery },
        allowPrivate,
        warn: (what, error) => warn(what, error),
      });
      return deliveries;
    },
    gauges: WEBHOOK_GAUGES,
  });
}
