/** The demo centre: a synthetic contact centre beside the platform that does what real ones do, over the same HTTP doors. */
import type { CloudEventJson, TrainingEventData } from '@coachloop/contracts';
import { createCentre, createDriver, type Driver, parseConfig, type ScheduledEvent } from '@coachloop/simulator';
import { ApiError, Client } from '../client.ts';
import { CliError } from '../errors.ts';

const STEP_MS = 50;
/** Deliveries that take longer hold the clock up. */
const LATE_MS = 500;
const EVENTS_PER_REQUEST = 500;
const SEED = 20_260_101;
/** More weak agents than usual, so that there is something to see from the first minute. */
const CONFIG = parseConfig('agents: { weakShare: 0.4 }', 'demo');
const RECONNECT_MS = 500;
/** An outage of the platform is no end of the centre: what waits for it goes on with it. */
const AWAY_MS_MAX = 15 * 60_000;

type Assigned = TrainingEventData<'training.assigned'>;

/** The platform's time. */
export interface CentreClock {
  now(): number;
  /** Waits wall-clock time. */
  sleep(realMs: number, signal?: AbortSignal): Promise<void>;
}

export interface DemoOptions {
  readonly url: string;
  readonly clock: CentreClock;
  readonly startMs: number;
  readonly agents: number;
  /** Number of the first call; no other run may have had it or a later one. */
  readonly firstCall: number;
  /** One more condition for the clock to go on, where somebody holds it. */
  readonly also?: (gate: () => boolean) => void;
  readonly onFailed: (error: unknown) => void;
}

export function startDemo(options: DemoOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { clock, onFailed } = options;
  const centre = createCentre({
    seed: SEED,
    agents: options.agents,
    startMs: options.startMs,
    firstCall: options.firstCall,
    config: CONFIG,
  });
  const driver = createDriver({ centre });
  const client = new Client(options.url, AWAY_MS_MAX);
  const loops = [
    resume(client, driver, clock).then(() => deliver(client, driver, options, stopping.signal)),
    listen(client, driver, options, stopping.signal),
  ].map((loop) =>
    loop.catch((error: unknown) => {
      if (!stopping.signal.aborted) onFailed(error);
    }),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** What was assigned before a restart and is not done: the learners take it up again. */
async function resume(client: Client, driver: Driver, clock: CentreClock): Promise<void> {
  for await (const { caseId, stage } of client.pages<Pick<Assigned, 'caseId'> & { stage: string }>(
    '/training/v1/cases?open=true',
  )) {
    if (stage !== 'assigned' && stage !== 'in-training') continue;
    const { assignments, ...found } = await client.get<Assigned & { assignments: readonly Assigned[] }>(
      `/training/v1/cases/${caseId}`,
    );
    const assignment = assignments.at(-1);
    if (assignment) driver.assigned({ ...found, ...assignment }, clock.now());
  }
}

/** Listens to the public log, as another system would; a connection that breaks costs nothing, for each event says where to go on. */
async function listen(
  client: Client,
  driver: Driver,
  { clock, startMs }: DemoOptions,
  signal: AbortSignal,
): Promise<void> {
  let place: Record<string, string> = { from: new Date(startMs).toISOString() };
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ types: 'training.assigned', follow: 'true', ...place });
      for await (const line of await client.lines(`/events/v1?${query}`, { signal })) {
        if (line.trim() === '') continue; // a heartbeat
        const { data, cursor } = JSON.parse(line) as { readonly data: Assigned; readonly cursor: string };
        driver.assigned(data, clock.now());
        place = { after: cursor };
      }
    } catch (error) {
      if (!signal.aborted && !isPassing(error)) throw error;
    }
    await clock.sleep(RECONNECT_MS, signal);
  }
}

const isPassing = (error: unknown): boolean =>
  error instanceof CliError
    ? error.code === 'STREAM_BROKEN' || error.code === 'SERVER_UNREACHABLE'
    : error instanceof ApiError && error.status === 503;

async function deliver(
  client: Client,
  driver: Driver,
  { clock, also }: DemoOptions,
  signal: AbortSignal,
): Promise<void> {
  let deliveredMs = performance.now();
  also?.(() => performance.now() - deliveredMs < LATE_MS);
  while (!signal.aborted) {
    deliveredMs = performance.now();
    const due = driver.until(clock.now());
    const events = due.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
    for (let i = 0; i < events.length && !signal.aborted; i += EVENTS_PER_REQUEST)
      await postEvents(client, events.slice(i, i + EVENTS_PER_REQUEST), signal);
    for (const item of due) if (item.kind !== 'event' && !signal.aborted) await report(client, item, signal);
    await clock.sleep(STEP_MS, signal);
  }
}

const postEvents = (client: Client, events: readonly CloudEventJson[], signal: AbortSignal) =>
  client.post('/ingest/v1/events', events, { contentType: 'application/cloudevents-batch+json', signal });

const report = (client: Client, item: Exclude<ScheduledEvent, { kind: 'event' }>, signal: AbortSignal) =>
  client.post(
    `/training/v1/assignments/${item.assignmentId}/${item.kind === 'start' ? 'starts' : 'completions'}`,
    item.report,
    { signal },
  );
