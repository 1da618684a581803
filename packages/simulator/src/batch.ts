/** Many calls at once, as a stream: what the driver delivers when nobody reacts, in bounded memory. */
import type { SimulatedCall } from './call.ts';
import { type Centre, type CentreOptions, checkWhole, createCentre } from './centre.ts';
import { createDriver, type DriverOptions, type ScheduledEvent } from './driver.ts';

const STEP_MS = 60_000;
const CALLS_MAX = 100_000_000;

/** Calls as they begin, without end or exactly `count`; in the order of their start. */
export function* calls(centre: Centre, count = Number.POSITIVE_INFINITY): Generator<SimulatedCall> {
  for (let made = 0; made < count; made++) yield centre.nextCall();
}

export interface BatchOptions extends CentreOptions, Pick<DriverOptions, 'onCall'> {
  /** Exactly so many, abandoned ones included. */
  readonly calls: number;
}

/** Every event of exactly `calls` calls, in the order of delivery. Memory: what is under way within the longest delay. */
export function batch(options: BatchOptions): Generator<ScheduledEvent & { readonly kind: 'event' }> {
  checkWhole('calls', options.calls, 0, CALLS_MAX);
  const { onCall } = options;
  return stream(createCentre(options), options.calls, onCall);
}

function* stream(centre: Centre, count: number, onCall: DriverOptions['onCall']) {
  let made = 0;
  const driver = createDriver({
    centre,
    calls: count,
    onCall: (truth) => {
      made++;
      onCall?.(truth);
    },
  });
  for (let timeMs = centre.startMs; made < count || driver.pending > 0; timeMs += STEP_MS)
    for (const due of driver.until(timeMs)) if (due.kind === 'event') yield due;
}
