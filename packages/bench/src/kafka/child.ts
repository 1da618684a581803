/** The process of one job: the bare copy, every service of ours, or every service the naive way. */
import { randomBytes } from 'node:crypto';
import { allServices } from '@coachloop/cli';
import type { DocumentStore } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { openMongoStore } from '@coachloop/document-store/mongo';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { startAllNaive } from '../naive/run.ts';
import { copyRecords } from './bare.ts';
import { Counts, counting } from './counting.ts';
import type { Job, JobResult } from './job.ts';
import { settled } from './settled.ts';

/** As a batch of ours. */
const BATCH_RECORDS = 500;
/** As processes of an installation have it. */
const LAG_EVERY_MS = 2_000;

const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const counts = new Counts();
let commands = 0;
let cpu: NodeJS.CpuUsage | undefined;
counts.onFirst = () => {
  cpu = process.cpuUsage();
  commands = 0;
};

const openLog = () => {
  const onFatal = (error: Error) => {
    throw error;
  };
  return counting(
    openKafkaLog({ brokers: job.brokers, clock: systemClock, clientId: `bench-${job.kind}`, onFatal }),
    counts,
  );
};

const openStore = async (uri: string | undefined): Promise<DocumentStore> =>
  uri === undefined ? createMemoryStore({ share: true }) : openMongoStore({ uri, onCommand: () => void commands++ });

async function copy({ brokers, from, to, total }: Job & { kind: 'copy' }): Promise<JobResult> {
  await copyRecords({ brokers, from, to, total, batchRecords: BATCH_RECORDS, onFirst: () => counts.began(total) });
  counts.produced = total;
  counts.done();
  return result();
}

async function loop({ mongoUri }: Job & { kind: 'loop' }): Promise<JobResult> {
  const [log, store] = [openLog(), await openStore(mongoUri)];
  const platform = await Platform.start({
    services: allServices({ customerKey: randomBytes(32).toString('hex') }),
    log,
    store,
    clock: systemClock,
    host: '127.0.0.1',
    port: null,
    logger: createLogger('warn'),
    version: 'bench',
    lagEveryMs: LAG_EVERY_MS,
  });
  await settled(log, () => platform.definitions());
  const found = result();
  await platform.stop();
  await Promise.all([log.close(), store.close()]);
  return found;
}

async function naive({ mongoUri, sideBySide }: Job & { kind: 'naive' }): Promise<JobResult> {
  const [log, store] = [openLog(), await openStore(mongoUri)];
  const { definitions, stop } = await startAllNaive(
    { log, store },
    { sideBySide, projections: true, readAtOnce: BATCH_RECORDS },
  );
  await settled(log, async () => definitions);
  const found = result();
  await stop();
  await Promise.all([log.close(), store.close()]);
  return found;
}

function result(): JobResult {
  const { user, system } = process.cpuUsage(cpu);
  const { consumed, produced, batches, seconds } = counts;
  return { consumed, produced, batches, seconds, cpuSeconds: (user + system) / 1_000_000, commands };
}

// Whoever started us is gone: nobody would ever stop us.
process.once('disconnect', () => process.exit(0));
const found = job.kind === 'copy' ? await copy(job) : job.kind === 'loop' ? await loop(job) : await naive(job);
process.send?.(found, () => process.disconnect?.());
