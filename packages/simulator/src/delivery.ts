/** How events travel: late, overtaken, twice. Event time and content stay; only the moment of delivery differs. */
import type { CloudEventJson } from '@coachloop/contracts';
import type { SimulatedCall } from './call.ts';
import type { SimulatorConfig } from './config.ts';
import type { Random } from './random.ts';
import { drawMs } from './timing.ts';

export interface Delivery {
  readonly deliverMs: number;
  readonly event: CloudEventJson;
}

/** Every event of a call at least once, none before it happened. In the order of event time, not of delivery. */
export function deliveriesOf(call: SimulatedCall, delivery: SimulatorConfig['delivery'], random: Random): Delivery[] {
  const out: Delivery[] = [];
  for (const { atMs, sentAfterMs, event } of call.events) {
    let deliverMs = atMs + sentAfterMs + drawMs(delivery.latencySeconds, random);
    if (random.chance(delivery.reorderShare)) deliverMs += drawMs(delivery.reorderSeconds, random);
    if (random.chance(delivery.delayShare)) deliverMs += drawMs(delivery.delaySeconds, random);
    out.push({ deliverMs, event });
    if (random.chance(delivery.duplicateShare))
      out.push({ deliverMs: deliverMs + drawMs(delivery.duplicateDelaySeconds, random), event });
  }
  return out;
}
