/** The calls: the events of a synthetic centre in the order of their delivery, duplicates and late ones among them. Pure and seeded. */
import type { CloudEventJson } from '@coachloop/contracts';
import { batch, createCentre, createDriver, type Driver, parseConfig, randomOf } from '@coachloop/simulator';

export interface CentreSize {
  readonly seed: number;
  readonly agents: number;
  readonly startMs: number;
}

/** More weak agents than usual, so that there is training from the first minute. */
const CONFIG = parseConfig('agents: { weakShare: 0.5 }', 'drill');
/** Customers of whom nobody had heard before they rated a call. */
const OTHERS = 100;
const STEP_MS = 10_000;
/** The longest call and the longest delays of the simulator together stay below. */
const LONGEST_MS = 4 * 3_600_000;

export class Calls {
  readonly #driver: Driver;
  readonly #begun = new Set<string>();
  #nowMs: number;
  #ended = false;

  constructor({ startMs, ...size }: CentreSize) {
    this.#nowMs = startMs;
    this.#driver = createDriver({
      centre: createCentre({ ...size, startMs, config: CONFIG }),
      onCall: ({ callId }) => {
        if (!this.#ended) this.#begun.add(callId);
      },
    });
  }

  get begun(): number {
    return this.#begun.size;
  }

  /** By the clock of the calls, ms since the epoch. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What is delivered until so many calls have begun. */
  until(calls: number): readonly CloudEventJson[] {
    const out: CloudEventJson[] = [];
    while (this.#begun.size < calls) out.push(...this.#step());
    return out;
  }

  /** No call begins any more; what is still to come of those that have. */
  end(): readonly CloudEventJson[] {
    this.#ended = true;
    const out: CloudEventJson[] = [];
    for (const untilMs = this.#nowMs + LONGEST_MS; this.#nowMs < untilMs; )
      out.push(...this.#step().filter(({ subject }) => this.#begun.has(String(subject))));
    return out;
  }

  #step(): readonly CloudEventJson[] {
    this.#nowMs += STEP_MS;
    return this.#driver.until(this.#nowMs).flatMap((due) => (due.kind === 'event' ? [corrected(due.event)] : []));
  }
}

/** The same events, each once, for a platform to which nothing is done. */
export function* undisturbed(size: CentreSize, calls: number): Generator<CloudEventJson> {
  const seen = new Set<string>();
  for (const { event } of batch({ ...size, calls, config: CONFIG })) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    yield corrected(event);
  }
}

/**
 * Of every second call that is rated, who rates it turns out to be another customer: so its record is revised in something that is counted
 * by customer, and a former revision that comes late could undo that.
 */
function corrected(event: CloudEventJson): CloudEventJson {
  if (event.type !== 'survey.answered') return event;
  const random = randomOf('drill-customer', String(event.subject));
  if (random.chance(0.5)) return event;
  const customerId = `customer-${random.int(1, OTHERS)}`;
  return { ...event, data: { ...Object(event.data), customerId } };
}
