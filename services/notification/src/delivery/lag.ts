/** How far webhooks are behind: records of their topics that they have not come to yet, of whatever type. */
import type { EventLog } from '@coachloop/event-log';
import type { Webhook } from '../domain/webhook.ts';
import { selectionOf } from '../feed/patterns.ts';
import { groupOf } from './subscription.ts';

export interface Lane {
  /** `<topic>/<partition>` */
  readonly lane: string;
  readonly records: number;
}

/** In the order of `webhooks`. The ends of the log are asked for once, whatever the number of webhooks. */
export async function lanesOf(log: EventLog, webhooks: readonly Webhook[]): Promise<readonly (readonly Lane[])[]> {
  const selected = webhooks.map((webhook) => ({ webhook, topics: selectionOf(webhook.types).topics }));
  const wanted = [...new Set(selected.flatMap(({ topics }) => topics))];
  const ends = wanted.length === 0 ? [] : await log.watermarks(wanted);
  return Promise.all(
    selected.map(async ({ webhook: { webhookId, generation, start }, topics }) => {
      const committed = await log.committed(groupOf(webhookId, generation), topics);
      const places = [...(start === 'start' ? [] : start), ...committed];
      const at = new Map(places.map((place) => [`${place.topic}/${place.partition}`, place.offset]));
      return ends
        .filter(({ topic }) => topics.some((each) => each === topic))
        .map(({ topic, partition, first, next }) => {
          const lane = `${topic}/${partition}`;
          return { lane, records: Math.max(0, next - Math.max(first, at.get(lane) ?? first)) };
        });
    }),
  );
}

export async function lagsOf(log: EventLog, webhooks: readonly Webhook[]): Promise<readonly number[]> {
  return (await lanesOf(log, webhooks)).map((lanes) => lanes.reduce((sum, { records }) => sum + records, 0));
}
