/** Calls as requests, made before the clock runs: what the sender does meanwhile must not be measured. */
import type { CloudEventJson } from '@coachloop/contracts';
import { batch, DEFAULT_CONFIG, type SimulatorConfig } from '@coachloop/simulator';

export const EVENTS_PER_REQUEST = 500;
const HOUR_MS = 3_600_000;
/** What an agent handles at least, on average: so that the last call lies in the past, and none is too old to open a case. */
const CALLS_PER_HOUR_MIN = 5;

export interface LoadOptions {
  readonly calls: number;
  readonly agents: number;
  readonly seed?: number;
  readonly config?: SimulatorConfig;
}

/** All events of so many calls, in the order of delivery. The seed is fixed, the hour at which they begin follows from the time of the run. */
export function* eventsOf({
  calls,
  agents,
  seed = 1,
  config = DEFAULT_CONFIG,
}: LoadOptions): Generator<CloudEventJson> {
  const hours = calls / agents / CALLS_PER_HOUR_MIN + 2;
  const startMs = Math.floor((Date.now() - hours * HOUR_MS) / HOUR_MS) * HOUR_MS;
  for (const { event } of batch({ seed, agents, calls, startMs, config })) yield event;
}

export interface Request {
  readonly body: Buffer;
  readonly events: number;
}

/** Requests of so many events each, with what they weigh. */
export function* requestsOf(events: Iterable<CloudEventJson>, perRequest = EVENTS_PER_REQUEST): Generator<Request> {
  let waiting: CloudEventJson[] = [];
  for (const event of events) {
    waiting.push(event);
    if (waiting.length < perRequest) continue;
    yield requestOf(waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield requestOf(waiting);
}

export const requestOf = (events: readonly CloudEventJson[]): Request => ({
  body: Buffer.from(JSON.stringify(events)),
  events: events.length,
});

/** Several calls to each agent, so that triggers have something to look at. */
export const agentsFor = (calls: number): number => Math.max(20, Math.round(calls / 50));
