/** Kafka and MongoDB that a folder is moved to, and the mark there that says whose move it is and whether it is over. */
import type { MongoStore } from '@coachloop/document-store/mongo';
import { openMongoStore } from '@coachloop/document-store/mongo';
import type { EventLog } from '@coachloop/event-log';
import { type KafkaLogOptions, openKafkaLog } from '@coachloop/event-log/kafka';
import { CliError } from '../errors.ts';
import type { Note } from './note.ts';
import type { Source } from './source.ts';

export interface Target {
  readonly kafka: KafkaLogOptions;
  readonly log: EventLog;
  readonly store: MongoStore;
  close(): Promise<void>;
}

const MARK = { name: 'moves', indexes: [] } as const;
const MARK_ID = 'embedded';

export async function openTarget(kafka: KafkaLogOptions, uri: string): Promise<Target> {
  const store = await openMongoStore({ uri, patient: true });
  const log = openKafkaLog(kafka);
  return {
    kafka,
    log,
    store,
    async close() {
      await log.close();
      await store.close();
    },
  };
}

/**
 * Refuses what is not empty, unless this same move was there before; changes nothing.
 * @returns when this move was over; null: it was not. @throws CliError MIGRATION_TARGET_IN_USE
 */
export async function assertOurs(source: Source, target: Target, note: Note | null): Promise<string | null> {
  const mark = await readMark(target.store);
  if (mark && mark.source === note?.id) return mark.finishedAt;
  if (mark)
    throw new CliError('MIGRATION_TARGET_IN_USE', 'Another folder was moved, or is being moved, to this database.');
  for (const { name } of source.collections) {
    const size = await target.store.size(name);
    if (size > 0)
      throw new CliError('MIGRATION_TARGET_IN_USE', `The database has ${size} documents in the collection ${name}.`);
  }
  for (const { topic, partition, next } of await target.log.watermarks(await existing(source, target)))
    if (next > 0)
      throw new CliError('MIGRATION_TARGET_IN_USE', `The topic ${topic} has ${next} records in ${partition}.`);
  return null;
}

/** The topics of the source that the target has already. */
export async function existing(source: Source, target: Target): Promise<readonly string[]> {
  const there = new Set((await target.log.topics()).map(({ name }) => name));
  return source.topics.map(({ name }) => name).filter((name) => there.has(name));
}

interface Mark {
  readonly source: string;
  readonly finishedAt: string | null;
}

async function readMark(store: MongoStore): Promise<Mark | null> {
  if ((await store.size(MARK.name)) === 0) return null;
  await store.declare([MARK]);
  const [found] = await store.load(MARK.name, [MARK_ID]);
  return found ? (found.body as unknown as Mark) : null;
}

/** Marks the target as this move's, at its beginning and at its end. */
export async function mark({ store }: Target, { id, startedAt, finishedAt }: Note): Promise<void> {
  await store.declare([MARK]);
  const document = { id: MARK_ID, version: 1, wakeAt: null, lane: null, body: { source: id, startedAt, finishedAt } };
  await store.restore(MARK.name, [document]);
}
