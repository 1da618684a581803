/** A consumer group that begins anew, as after `coachloop offsets reset --all --to first`: everything that its service has read comes again. */
import type { EventLog } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { patiently } from './patiently.ts';

/** Of a service whose figures are built in generations, as `live-metrics.g1`, the first: here nobody builds them anew. */
const groupsOf = (service: string): readonly string[] => [service, `${service}.g1`];

/** Returns how many records are going to be read again. @throws LogError */
export async function setBack(brokers: readonly string[], service: string): Promise<number> {
  const log = openKafkaLog({ brokers, clock: Date, clientId: 'drill' });
  try {
    const moved = await Promise.all(groupsOf(service).map((group) => patiently(() => setBackOnce(log, group))));
    return moved.reduce((sum, count) => sum + count, 0);
  } finally {
    await log.close();
  }
}

async function setBackOnce(log: EventLog, group: string): Promise<number> {
  const places = await log.committed(group);
  if (places.length === 0) return 0;
  const marks = await log.watermarks([...new Set(places.map(({ topic }) => topic))]);
  const firsts = new Map(marks.map(({ topic, partition, first }) => [`${topic}/${partition}`, first]));
  const moves = places.map((place) => ({ ...place, first: firsts.get(`${place.topic}/${place.partition}`) ?? 0 }));
  await log.resetOffsets(
    group,
    moves.map(({ topic, partition, first: offset }) => ({ topic, partition, offset })),
  );
  return moves.reduce((sum, { offset, first }) => sum + offset - first, 0);
}
