/** The embedded installation that is moved: its folder, under the system's lock, and all that is in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CollectionSpec, DocumentStore } from '@coachloop/document-store';
import { collectionsIn } from '@coachloop/document-store/embedded';
import type { EventLog, TopicSpec, Watermark } from '@coachloop/event-log';
import { groupsIn } from '@coachloop/event-log/embedded';
import { systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { CliError } from '../errors.ts';
import { explain } from '../explain.ts';

export interface Source {
  readonly directory: string;
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly topics: readonly TopicSpec[];
  /** Where each partition begins and ends; nothing is appended while it is open here. */
  readonly marks: readonly Watermark[];
  /** Whatever was ever declared, by this release or another. */
  readonly collections: readonly CollectionSpec[];
  readonly groups: readonly string[];
  close(): Promise<void>;
}

/** Only read. @throws CliError MIGRATION_SOURCE_MISSING, LogError LOG_LOCKED while a platform runs on it */
export async function openSource(directory: string): Promise<Source> {
  const [logFile, storeFile] = ['log.sqlite', 'store.sqlite'].map((name) => join(directory, name)) as [string, string];
  if (!existsSync(logFile) || !existsSync(storeFile))
    throw new CliError('MIGRATION_SOURCE_MISSING', `${directory} holds no event log and documents.`);
  const { log, store, close } = await openEmbedded({ directory, clock: systemClock, onFatal: (e) => explain(e) });
  try {
    const collections = collectionsIn(storeFile);
    await store.declare(collections); // as they are: it changes nothing
    const topics = await log.topics();
    const marks = await log.watermarks(topics.map(({ name }) => name));
    return { directory, log, store, topics, marks, collections, groups: groupsIn(logFile), close };
  } catch (error) {
    await close();
    throw error;
  }
}
