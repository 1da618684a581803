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
import { printJson, printLine, remark } from '../output.ts';
import { refusedTopics, wantedTopics } from '../wanted.ts';

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
  else printChanges(changes);
  if (refused.length > 0) {
    throw refusedTopics('Nothing was changed', refused);
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

/** Topics of which the same is to be said share a line, and their names stand below it. */
function printChanges(changes: readonly TopicChange[]): void {
  const same = Map.groupBy(
    changes,
    ({ action, differences }) => `${SIGNS[action]} ${differences.map(textOf).join(', ')}`,
  );
  for (const group of same.values()) {
    const [{ action, differences }] = group as [TopicChange, ...TopicChange[]];
    const names = group.map(({ topic }) => topic);
    const what = names.length === 1 ? names[0] : `${names.length} topics`;
    printLine(`${SIGNS[action]} ${what}: ${differences.map(textOf).join(', ')}`);
    if (names.length > 1) printLine(`  ${names.join(', ')}`);
  }
}

const textOf = ({ setting, from, to }: Difference): string =>
  from === null ? `${setting}=${to}` : `${setting} ${from} → ${to}`;
