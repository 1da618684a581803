/** How long the partitions of a group stand still, as its commits tell, under a steady load that leaves none without work. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, NewRecord } from '@coachloop/event-log';
import { partitionOf } from '@coachloop/event-log';
import { INTAKE, PARTITIONS } from './fill.ts';

const TICK_MS = 100;
const LOOK_MS = 20;

/** One record into each partition at each tick, until told to stop. */
export async function feed(log: EventLog, records: readonly NewRecord[], signal: AbortSignal): Promise<void> {
  const queues = Map.groupBy(records, ({ key }) => partitionOf(key, PARTITIONS));
  const under = new Set<Promise<unknown>>();
  for (let i = 0; !signal.aborted; i++) {
    const due = [...queues.values()].flatMap((queue) => queue[i % queue.length] ?? []);
    const sent = log.append(due).finally(() => under.delete(sent));
    under.add(sent);
    await sleep(TICK_MS);
  }
  await Promise.all(under);
}

/** Seconds. */
export interface Stalls {
  /** In which nothing at all was handled. */
  readonly group: number;
  /** In which some partition stood still, the others perhaps not. */
  readonly partition: number;
}

/** Watches until `done` resolves and every partition has moved since. */
export async function stallsDuring(log: EventLog, group: string, done: Promise<unknown>): Promise<Stalls> {
  const moved = new Map<number, { offset: number; atMs: number }>();
  let [groupMs, partitionMs, lastMs] = [0, 0, performance.now()];
  let doneMs = Number.POSITIVE_INFINITY;
  const ended = done.then(() => {
    doneMs = performance.now();
  });
  while (moved.size < PARTITIONS || [...moved.values()].some(({ atMs }) => atMs < doneMs)) {
    const positions = await log.committed(group, [INTAKE]);
    const nowMs = performance.now();
    for (const { partition, offset } of positions) {
      const before = moved.get(partition);
      if (before?.offset === offset) continue;
      if (before) partitionMs = Math.max(partitionMs, nowMs - before.atMs);
      groupMs = Math.max(groupMs, nowMs - lastMs);
      lastMs = nowMs;
      moved.set(partition, { offset, atMs: nowMs });
    }
    await sleep(LOOK_MS);
  }
  await ended;
  return { group: groupMs / 1_000, partition: partitionMs / 1_000 };
}
