/** So many calls through all services the naive way. */
import { allServices } from '@coachloop/cli';
import type { Consumer, NewRecord } from '@coachloop/event-log';
import { generationsIn } from '@coachloop/live-metrics';
import { lagOf, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { type NaiveOptions, PARTITIONS, startNaive } from './service.ts';

const LOOK_MS = 25;

export interface NaiveRun {
  readonly directory: string;
  readonly batches: readonly (readonly NewRecord[])[];
  readonly sideBySide: boolean;
  /** The live figures, too: their documents are large, which hurts whoever writes them once per event. */
  readonly projections: boolean;
}

/** Seconds until no service has anything left to read of what is in the log before they begin. */
export async function naiveSeconds({ directory, batches, sideBySide, projections }: NaiveRun): Promise<number> {
  const { log, store, close } = await openEmbedded({
    directory,
    clock: systemClock,
    onFatal: (error) => {
      throw error;
    },
  });
  const topics = new Set(batches.flatMap((batch) => batch.map(({ topic }) => topic)));
  await log.createTopics([...topics].map((name) => ({ name, partitions: PARTITIONS })));
  for (const batch of batches) await log.append(batch);
  const startMs = performance.now();
  const { definitions, stop } = await startAllNaive({ log, store }, { sideBySide, projections, readAtOnce: 1 });
  for (;;) {
    const lags = await Promise.all(definitions.map(({ name, consumes }) => lagOf(log, name, Object.keys(consumes))));
    if (lags.flat().every(({ records }) => records === 0)) break;
    await systemClock.sleep(LOOK_MS);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await stop();
  await close();
  return seconds;
}

/** Every service that consumes something. */
export async function startAllNaive(
  { log, store }: Pick<NaiveOptions, 'log' | 'store'>,
  { projections, ...how }: Pick<NaiveRun, 'projections'> & Pick<NaiveOptions, 'sideBySide' | 'readAtOnce'>,
) {
  const services = allServices({ customerKey: 'naive' }).map(({ definition }) => definition);
  const definitions = [...services, ...(projections ? await generationsIn(store) : [])].filter(
    ({ consumes }) => Object.keys(consumes).length > 0,
  );
  const consumers: Consumer[] = [];
  for (const definition of definitions) consumers.push(await startNaive(definition, { log, store, ...how }));
  return { definitions, stop: () => Promise.all(consumers.map((consumer) => consumer.stop())) };
}
