/** Calls into `call-intake`, as a platform that writes to the topic sends them. */
import { setTimeout } from 'node:timers/promises';
import { type EventLog, isLogError, type NewRecord } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { batchesOf, inputRecord } from '../load/append.ts';
import { agentsFor, EVENTS_PER_REQUEST, eventsOf } from '../load/calls.ts';
import { recordsIn, topicsOf } from './settled.ts';

export const INTAKE = 'call-intake';
export const PARTITIONS = 12;
const TRIES_MAX = 20;
const RETRY_MS = 500;

export const openLog = (brokers: readonly string[]) => openKafkaLog({ brokers, clock: Date, clientId: 'bench' });

export const recordsOf = (calls: number): readonly NewRecord[] =>
  [...eventsOf({ calls, agents: agentsFor(calls) })].map(inputRecord);

/** Makes the topic where it is missing, and appends all. */
export async function fill(brokers: readonly string[], calls: number): Promise<void> {
  const log = openLog(brokers);
  try {
    await log.createTopics([{ name: INTAKE, partitions: PARTITIONS }]);
    for (const batch of batchesOf(recordsOf(calls), EVENTS_PER_REQUEST)) await appendSoon(log, batch);
  } finally {
    await log.close();
  }
}

/** A broker tells of a topic of a moment ago before it takes records for it. */
async function appendSoon(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      await log.append(records);
      return;
    } catch (error) {
      if (!isLogError(error, 'LOG_TOPIC_UNKNOWN') || i === TRIES_MAX) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

/** Makes a topic to copy to, and says what there is to be copied. */
export async function prepareCopy(brokers: readonly string[], to: string) {
  const log = openLog(brokers);
  try {
    const from = await topicsOf(log);
    await log.createTopics([{ name: to, partitions: PARTITIONS }]);
    return { from, to, total: await recordsIn(log, from) };
  } finally {
    await log.close();
  }
}
