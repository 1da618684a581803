/** The demo centre: a synthetic contact centre beside the platform that does what real ones do, over the same HTTP doors. */
import type { CloudEventJson, TrainingEventData } from '@coachloop/contracts';
import type { RunningService } from '@coachloop/runtime';
import type { Logger } from '@coachloop/service-kit';
import { createCentre, createDriver, type Driver, parseConfig, type ScheduledEvent } from '@coachloop/simulator';
import { Client } from '../client.ts';
import type { DemoClock } from './clock.ts';

const STEP_MS = 50;
/** Deliveries that take longer hold the clock up. */
const LATE_MS = 500;
const EVENTS_PER_REQUEST = 500;
const SEED = 20_260_101;
/** More weak agents than usual, so that there is something to see from the first minute. */
const CONFIG = parseConfig('agents: { weakShare: 0.4 }', 'demo');
/** Call numbers of one run; the next run goes on above them. */
const CALLS_PER_RUN = 1_000_000;

type Assigned = TrainingEventData<'training.assigned'>;

export interface DemoOptions {
  readonly url: string;
  readonly clock: DemoClock;
  readonly agents: number;
  /** Any running service: the demo listens to the public log, as another system would. */
  readonly service: RunningService;
  readonly logger: Logger;
}

export function startDemo(options: DemoOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { clock, logger } = options;
  const centre = createCentre({
    seed: SEED,
    agents: options.agents,
    startMs: clock.startMs,
    firstCall: (clock.run - 1) * CALLS_PER_RUN,
    config: CONFIG,
  });
  const driver = createDriver({ centre });
  const client = new Client(options.url);
  const loops = [
    resume(client, driver, clock).then(() => deliver(client, driver, clock, stopping.signal)),
    listen(options.service, driver, clock, stopping.signal),
  ].map((loop) =>
    loop.catch(
      (error: unknown) => stopping.signal.aborted || logger.error({ err: String(error) }, 'the demo centre stopped'),
    ),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** What was assigned before a restart and is not done: the learners take it up again. */
async function resume(client: Client, driver: Driver, clock: DemoClock): Promise<void> {
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

async function listen(service: RunningService, driver: Driver, clock: DemoClock, signal: AbortSignal): Promise<void> {
  for await (const batch of service.events({ topics: ['training-events'], from: 'end', follow: true, signal }))
    for (const { event } of batch)
      if (event.type === 'training.assigned') driver.assigned(event.data as Assigned, clock.now());
}

async function deliver(client: Client, driver: Driver, clock: DemoClock, signal: AbortSignal): Promise<void> {
  let deliveredMs = performance.now();
  clock.also(() => performance.now() - deliveredMs < LATE_MS);
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
