/** How far groups have come is moved, unless somebody would lose records by it. */
import { createMemoryLog } from '@coachloop/event-log/memory';
import { expect, test } from 'vitest';
import { checkBacklog, copyGroups, takeGroups } from '../src/migrate/groups.ts';

const NOW = Date.UTC(2026, 4, 4);
const DAY_MS = 86_400_000;
const MONTH = [{ name: 'intake', retentionMs: 30 * DAY_MS }] as const;
const clock = { now: () => NOW };

/** A group that has read the first of three records; the second and third are as old as told. */
async function given(ageMs: number) {
  const log = createMemoryLog({ clock });
  await log.createTopics([{ name: 'intake', partitions: 2 }]);
  const record = (timestampMs: number) => ({
    topic: 'intake',
    key: 'k',
    headers: {},
    value: Buffer.of(1),
    timestampMs,
  });
  const [first] = await log.append([record(NOW - 90 * DAY_MS), record(NOW - ageMs), record(NOW - ageMs)]);
  const position = { topic: 'intake', partition: first?.partition ?? 0, offset: 1 };
  await log.resetOffsets('readers', [position]);
  const source = {
    log,
    topics: await log.topics(),
    marks: await log.watermarks(['intake']),
    groups: ['readers'],
  };
  return { source, position };
}

async function emptyTarget() {
  const log = createMemoryLog({ clock });
  await log.createTopics([{ name: 'intake', partitions: 2 }]);
  return log;
}

test('what waits and is young is counted; what Kafka would drop for its age is refused', async () => {
  expect(await checkBacklog((await given(DAY_MS)).source, MONTH, NOW)).toBe(2);
  const forEver = [{ name: 'intake', retentionMs: null }];
  expect(await checkBacklog((await given(80 * DAY_MS)).source, forEver, NOW)).toBe(2);
  await expect(checkBacklog((await given(29.5 * DAY_MS)).source, MONTH, NOW)).rejects.toMatchObject({
    code: 'MIGRATION_BACKLOG',
    message: expect.stringContaining('readers has 2 records of intake'),
  });
});

test('a group that has a member in the target is noticed before anything is written for it', async () => {
  const { source, position } = await given(DAY_MS);
  const log = await emptyTarget();
  const consumer = await log.consume({ group: 'readers', topics: ['intake'] }, async () => undefined);
  await expect(takeGroups(source, { log })).rejects.toMatchObject({ code: 'LOG_GROUP_ACTIVE' });
  await consumer.stop();
  await takeGroups(source, { log });
  expect(await log.committed('readers')).toEqual([{ ...position, offset: 0 }]);
});

test('places are the same on both sides, also set twice', async () => {
  const { source, position } = await given(DAY_MS);
  const log = await emptyTarget();
  await log.append(Array.from({ length: 3 }, () => ({ topic: 'intake', key: 'k', headers: {}, value: null })));
  for (let i = 0; i < 2; i++) expect(await copyGroups(source, { log })).toBe(1);
  expect(await log.committed('readers')).toEqual([position]);
});
