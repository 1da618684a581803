/** The whole move, step by step. Each step finds out by itself how far an earlier attempt came, so it may be killed anywhere. */
import { declaredTopics } from '@coachloop/contracts';
import type { TopicSpec } from '@coachloop/event-log';
import { applyTopics, dropBefore, type KafkaLogOptions, type TopicChange } from '@coachloop/event-log/kafka';
import { generationsIn } from '@coachloop/live-metrics';
import { digest } from '@coachloop/runtime';
import { type DigestReport, digestReport } from '@coachloop/service-kit';
import { CliError } from '../errors.ts';
import { allServices } from '../services.ts';
import { refusedTopics, wantedTopics } from '../wanted.ts';
import { copyDocuments, countOf } from './documents.ts';
import { checkBacklog, copyGroups, takeGroups } from './groups.ts';
import { copyLog } from './log.ts';
import { newNote, readNote, writeNote } from './note.ts';
import { openSource, type Source } from './source.ts';
import { assertOurs, existing, mark, openTarget, type Target } from './target.ts';

export interface MoveOptions {
  readonly directory: string;
  readonly kafka: KafkaLogOptions;
  readonly mongoUri: string;
  readonly dryRun: boolean;
  readonly say: (line: string) => void;
  readonly onProgress: (step: string, done: number, total: number, what: string) => void;
}

export interface Moved {
  readonly applied: boolean;
  /** Records of the log, and how many of them this run brought over. */
  readonly records: number;
  readonly copied: number;
  readonly documents: number;
  readonly marks: number;
  readonly groups: number;
  /** Records that some group has not handled yet; they are handled on the target. */
  readonly waiting: number;
  readonly topics: readonly TopicChange[];
  /** Of the documents, the same on both sides. */
  readonly digest: DigestReport['kinds'];
}

/** @throws CliError MIGRATION_…, TOPICS_DIFFER, TOPIC_REPLICAS_DIFFER; LogError, StoreError: run it again */
export async function move(options: MoveOptions): Promise<Moved> {
  const source = await openSource(options.directory);
  try {
    const target = await openTarget(options.kafka, options.mongoUri);
    try {
      return await (options.dryRun ? look : moveAll)(source, target, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** What would be done. */
async function look(source: Source, target: Target, options: MoveOptions): Promise<Moved> {
  assertNotOver(source, await assertOurs(source, target, readNote(source.directory)));
  const waiting = await checkBacklog(source, declaredTopics(), Date.now());
  const topics = await changesOf(source, target, { dryRun: true });
  const records = source.marks.reduce((sum, { first, next }) => sum + next - first, 0);
  const there = (await target.log.watermarks(await existing(source, target))).reduce((sum, { next }) => sum + next, 0);
  if (there > 0) options.say(`An earlier attempt brought ${there} records.`);
  const counts = await countOf(source);
  const digests = await digestOf(source);
  return {
    applied: false,
    records,
    copied: 0,
    ...counts,
    groups: source.groups.length,
    waiting,
    topics,
    digest: digests,
  };
}

async function moveAll(source: Source, target: Target, options: MoveOptions): Promise<Moved> {
  const { directory } = source;
  const note = readNote(directory) ?? newNote(options.kafka.brokers.join(','));
  const finishedAt = await assertOurs(source, target, note);
  if (finishedAt !== null) writeNote(directory, { ...note, finishedAt }); // it died before it could note it here
  assertNotOver(source, finishedAt);
  const waiting = await checkBacklog(source, declaredTopics(), Date.now());
  const topics = await changesOf(source, target, { dryRun: true });
  writeNote(directory, { ...note, finishedAt: null });
  await mark(target, note);
  // Kept for ever until everybody is there: what is old must not go while it is being brought.
  await target.log.createTopics(specsOf(source).map(({ name, partitions }) => ({ name, partitions })));
  await takeGroups(source, target);
  const { records, copied } = await copyLog(
    {
      source: source.log,
      target: target.log,
      dropBefore: (positions) => dropBefore(target.kafka, positions),
      onProgress: (done, total, topic) => options.onProgress('records', done, total, topic),
    },
    source.topics.map(({ name }) => name),
  );
  const counts = await copyDocuments(source, target, (done, total, what) =>
    options.onProgress('documents', done, total, what),
  );
  const groups = await copyGroups(source, target);
  options.say('Comparing the digests of both sides.');
  const digests = await sameDigest(source, target);
  await changesOf(source, target, { dryRun: false });
  const finished = { ...note, finishedAt: new Date().toISOString() };
  await mark(target, finished);
  writeNote(directory, finished);
  return { applied: true, records, copied, ...counts, groups, waiting, topics, digest: digests };
}

function assertNotOver({ directory }: Source, finishedAt: string | null): void {
  if (finishedAt !== null) throw new CliError('MIGRATION_DONE', `${directory} was moved there on ${finishedAt}.`);
}

/** As declared, and what else the folder has: topics of live figures that were rebuilt. */
function specsOf(source: Source): readonly TopicSpec[] {
  const declared = wantedTopics();
  const names = new Set(declared.map(({ name }) => name));
  return [...declared, ...source.topics.filter(({ name }) => !names.has(name))];
}

async function changesOf(source: Source, target: Target, how: { dryRun: boolean }): Promise<readonly TopicChange[]> {
  const changes = await applyTopics(target.kafka, specsOf(source), how);
  const refused = changes.filter(({ action }) => action === 'refused');
  if (refused.length === 0) return changes;
  throw refusedTopics('Nothing was moved', refused);
}

async function digestOf({ store }: Pick<Source, 'store'>): Promise<DigestReport['kinds']> {
  const services = [
    ...allServices({ customerKey: '' }).map(({ definition }) => definition),
    ...(await generationsIn(store)),
  ];
  return digestReport(await digest({ services, store })).kinds;
}

async function sameDigest(source: Source, target: Target): Promise<DigestReport['kinds']> {
  const [ours, theirs] = await Promise.all([digestOf(source), digestOf(target)]);
  const other = Object.keys(ours).find((kind) => ours[kind]?.digest !== theirs[kind]?.digest);
  if (other === undefined) return ours;
  throw new CliError('MIGRATION_DIVERGED', `The ${other} there are not those of ${source.directory}.`);
}
