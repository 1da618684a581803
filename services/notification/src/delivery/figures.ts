/** How delivery goes, of each of these webhooks, in their order; of one that nobody has reported on yet: nothing so far. */
import type { ServiceContext } from '@coachloop/runtime';
import type { Webhook } from '../domain/webhook.ts';
import { type Figures, newFigures } from '../domain/webhook-figures.ts';

export async function figuresOf(service: ServiceContext, webhooks: readonly Webhook[]): Promise<readonly Figures[]> {
  if (webhooks.length === 0) return [];
  const ids = webhooks.map(({ webhookId }) => webhookId);
  const found = await service.load<Figures>('webhook-figures', ids);
  return ids.map((id, i) => found[i]?.state ?? newFigures(id));
}
