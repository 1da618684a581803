/** Copies how far each consumer group has come: services, live figures, webhooks. Offsets are the same on both sides. */
import type { Position } from '@coachloop/event-log';
import { CliError } from '../errors.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

type Read = Pick<Source, 'log' | 'topics' | 'marks' | 'groups'>;

/** @throws LogError LOG_GROUP_ACTIVE when a service runs on the target already */
export async function copyGroups(source: Read, target: Pick<Target, 'log'>): Promise<number> {
  for (const group of source.groups) await target.log.resetOffsets(group, await positionsOf(source, group));
  return source.groups.length;
}

/** Before anything is written: whoever reads there already would handle records whose documents are not there yet. @throws LogError LOG_GROUP_ACTIVE */
export async function takeGroups(source: Read, target: Pick<Target, 'log'>): Promise<void> {
  const first = new Map(
    (await target.log.watermarks(source.topics.map(({ name }) => name))).map((m) => [placeName(m), m.first]),
  );
  for (const group of source.groups) {
    const positions = await positionsOf(source, group);
    const starts = positions.map((place) => ({
      ...place,
      offset: first.get(placeName(place)) ?? 0,
    }));
    await target.log.resetOffsets(group, starts);
  }
}

/** A group that had read less than what retention left begins where the log begins. */
async function positionsOf({ log, marks }: Read, group: string): Promise<readonly Position[]> {
  const first = new Map(marks.map((mark) => [placeName(mark), mark.first]));
  return (await log.committed(group)).map((position) => ({
    ...position,
    offset: Math.max(position.offset, first.get(placeName(position)) ?? 0),
  }));
}

export interface Kept {
  readonly name: string;
  readonly retentionMs: number | null;
}

/** A day, in which the services can be started. */
const ROOM_MS = 86_400_000;

/**
 * An embedded log spares what a group has not read; Kafka knows ages alone.
 * @returns how many records wait for some group @throws CliError MIGRATION_BACKLOG
 */
export async function checkBacklog(source: Read, topics: readonly Kept[], nowMs: number): Promise<number> {
  const kept = new Map(topics.map(({ name, retentionMs }) => [name, retentionMs]));
  let waiting = 0;
  for (const group of source.groups)
    for (const { behind, ...place } of await behindOf(source, group)) {
      waiting += behind;
      const retentionMs = kept.get(place.topic) ?? null;
      if (retentionMs === null || (await timeOf(source, place)) > nowMs - retentionMs + ROOM_MS) continue;
      throw new CliError(
        'MIGRATION_BACKLOG',
        `${group} has ${behind} records of ${place.topic}/${place.partition} to read, and the first is old.`,
      );
    }
  return waiting;
}

/** Where a group has records to read: of the topics that it ever read, also in partitions of which it has read nothing. */
async function behindOf(source: Read, group: string): Promise<readonly (Position & { readonly behind: number })[]> {
  const positions = await positionsOf(source, group);
  const at = new Map(positions.map((position) => [placeName(position), position.offset]));
  const topics = new Set(positions.map(({ topic }) => topic));
  return source.marks
    .filter(({ topic }) => topics.has(topic))
    .map(({ topic, partition, first, next }) => {
      const offset = at.get(placeName({ topic, partition })) ?? first;
      return { topic, partition, offset, behind: next - offset };
    })
    .filter(({ behind }) => behind > 0);
}

async function timeOf({ log, marks }: Read, { topic, partition, offset }: Position): Promise<number> {
  const from = marks
    .filter((mark) => mark.topic === topic)
    .map((mark) => ({ topic, partition: mark.partition, offset: mark.partition === partition ? offset : mark.next }));
  for await (const [record] of log.scan({ topics: [topic], from, maxBatchRecords: 1 }))
    if (record) return record.timestampMs;
  return Number.POSITIVE_INFINITY;
}

const placeName = ({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string => `${topic}/${partition}`;
