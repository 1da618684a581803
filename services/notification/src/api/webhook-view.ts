/** What the API shows of a webhook: everything but its secrets. */
import { Nullable, Time, Uuid } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { isAway } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { figuresOf } from '../delivery/figures.ts';
import { lagsOf } from '../delivery/lag.ts';
import { signsAt, type Webhook } from '../domain/webhook.ts';
import { type Figures, failingOf, failingSinceOf } from '../domain/webhook-figures.ts';

export const WebhookView = Type.Object({
  id: Uuid('The webhook'),
  url: Type.String(),
  types: Type.Array(Type.String()),
  description: Type.String(),
  status: Type.Enum(['active', 'paused', 'disabled']),
  disabled: Nullable(Type.Object({ reason: Type.String({ description: 'gone or failing' }), at: Type.String() })),
  createdAt: Time('When'),
  secrets: Type.Integer({ description: 'How many secrets sign now; two for 24 h after a rotation' }),
  delivery: Type.Object({
    delivered: Type.Integer({
      description: 'Events that the receiver took; a few seconds old, and about: at least once',
    }),
    lastDeliveredAt: Nullable(Time('Wall-clock time')),
    lastAttemptAt: Nullable(Time('Wall-clock time')),
    lastStatus: Nullable(Type.Integer({ description: 'HTTP status of the last attempt; null: no answer' })),
    lastError: Nullable(Type.String()),
    failingSince: Nullable(Time('Since when some partition has been waiting; null: all flow')),
    failing: Type.Array(
      Type.Object({
        partition: Type.String({
          description: '<topic>/<partition>; *: delivery does not begin, for the reason in error',
        }),
        since: Time('First failure in a row'),
        status: Nullable(Type.Integer()),
        error: Nullable(Type.String()),
      }),
    ),
    lag: Nullable(
      Type.Integer({
        description:
          'Records of its topics that it has not come to yet, of whatever type; null: the log does not answer',
      }),
    ),
  }),
});
export type WebhookView = Static<typeof WebhookView>;

const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

export async function viewsOf(service: ServiceContext, webhooks: readonly Webhook[]): Promise<readonly WebhookView[]> {
  const [figures, lags] = await Promise.all([figuresOf(service, webhooks), lagsIfKnown(service, webhooks)]);
  const wallMs = service.clock.wall();
  return figures.map((each, i) => view(webhooks[i] as Webhook, each, lags?.[i] ?? null, wallMs));
}

/** A secret was changed, and its answer must not be lost because a figure in it is not known now. */
async function lagsIfKnown({ log }: ServiceContext, webhooks: readonly Webhook[]): Promise<readonly number[] | null> {
  try {
    return await lagsOf(log, webhooks);
  } catch (error) {
    if (isAway(error)) return null;
    throw error;
  }
}

function view(webhook: Webhook, figures: Figures, lag: number | null, wallMs: number): WebhookView {
  const failing = failingOf(webhook, figures);
  return {
    id: webhook.webhookId,
    url: webhook.url,
    types: [...webhook.types],
    description: webhook.description,
    status: webhook.status,
    disabled: webhook.disabled,
    createdAt: webhook.createdAt,
    secrets: webhook.secrets.filter(signsAt(wallMs)).length,
    delivery: {
      delivered: figures.delivered,
      lastDeliveredAt: isoOrNull(figures.lastDeliveredMs),
      lastAttemptAt: isoOrNull(figures.lastAttemptMs),
      lastStatus: figures.lastStatus,
      lastError: figures.lastError,
      failingSince: isoOrNull(failingSinceOf(failing)),
      failing: failing.map(({ lane, sinceMs, status, error }) => ({
        partition: lane,
        since: new Date(sinceMs).toISOString(),
        status,
        error,
      })),
      lag,
    },
  };
}
