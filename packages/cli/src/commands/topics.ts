/** `topics apply`: the topics that an installation on Kafka needs, as the contracts declare them. */
import {
  applyTopics,
  type Difference,
  type KafkaLogOptions,
  replicasOf,
  type TopicChange,
} from '@coachloop/event-log/kafka';
import { copiesMissing, kafkaOf } from '../config/connections.ts';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/settings.ts';
import { CliError } from '../errors.ts';
import { printJson, printLine, remark } from '../output.ts';
import { wantedTopics } from '../wanted.ts';

/** Texts, as given. */
interface CopyOptions {
  readonly brokers?: string;
  readonly replication?: string;
  readonly minInsync?: string;
  readonly uri?: string;
}

export interface TopicsOptions extends Omit<CopyOptions, 'uri'> {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function apply(options: TopicsOptions): Promise<void> {
  const { dryRun = false } = options;
  const topics = wantedTopics();
  const kafka = { ...kafkaOf(settingsWith(options)), clock: { now: () => Date.now() } };
  const changes = await applyTopics(kafka, topics, { dryRun });
  const refused = changes.filter(({ action }) => action === 'refused');
  const applied = !dryRun && refused.length === 0;
  if (options.json) printJson({ ok: refused.length === 0, applied, topics: topics.length, changes });
  else for (const change of changes) printChange(change);
  if (refused.length > 0) {
    throw new CliError('TOPICS_DIFFER', `Nothing was changed: ${refused.map(({ topic }) => topic).join(', ')}.`);
  }
  const same = topics.length - changes.length;
  remark(`${changes.length} ${dryRun ? 'would be changed' : 'changed'}, ${same} as declared`);
  await warnOfCopies(kafka);
}

/** As the environment says, and the options of a command that makes topics. @throws CliError CONFIG_INVALID */
export const settingsWith = ({ brokers, replication, minInsync, uri }: CopyOptions): Settings =>
  readSettings({
    env: process.env,
    options: {
      KAFKA_BROKERS: brokers,
      KAFKA_REPLICATION_FACTOR: replication,
      KAFKA_MIN_INSYNC_REPLICAS: minInsync,
      MONGODB_URI: uri,
    },
  }).values;

export async function warnOfCopies(kafka: KafkaLogOptions): Promise<void> {
  const missing = copiesMissing(
    await replicasOf(
      kafka,
      wantedTopics().map(({ name }) => name),
    ),
  );
  if (missing !== null) remark(`Warning: ${missing}`);
}

const SIGNS = { create: '+', change: '~', refused: '!' } as const;

function printChange({ topic, action, differences }: TopicChange): void {
  const text = ({ setting, from, to }: Difference) =>
    from === null ? `${setting}=${to}` : `${setting} ${from} → ${to}`;
  printLine(`${SIGNS[action]} ${topic}: ${differences.map(text).join(', ')}`);
}
