/** `topics apply`: the topics that an installation on Kafka needs, as the contracts declare them. */
import { applyTopics, type Difference, type TopicChange } from '@coachloop/event-log/kafka';
import { kafkaOf } from '../config/connections.ts';
import { readSettings } from '../config/read.ts';
import { CliError } from '../errors.ts';
import { printJson, printLine, remark } from '../output.ts';
import { wantedTopics } from '../wanted.ts';

export interface TopicsOptions {
  readonly brokers?: string;
  readonly replication?: string;
  readonly minInsync?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function apply(options: TopicsOptions): Promise<void> {
  const { dryRun = false } = options;
  const topics = wantedTopics();
  const settings = readSettings({ env: process.env, options: { KAFKA_BROKERS: options.brokers } }).values;
  const replication = countOf('--replication', options.replication);
  const minInsync = countOf('--min-insync', options.minInsync);
  const changes = await applyTopics(
    {
      ...kafkaOf(settings),
      clock: { now: () => Date.now() },
      ...(replication === undefined ? {} : { replicationFactor: replication }),
      ...(minInsync === undefined ? {} : { minInsyncReplicas: minInsync }),
    },
    topics,
    { dryRun },
  );
  const refused = changes.filter(({ action }) => action === 'refused');
  const applied = !dryRun && refused.length === 0;
  if (options.json) printJson({ ok: refused.length === 0, applied, topics: topics.length, changes });
  else for (const change of changes) printChange(change);
  if (refused.length > 0) {
    throw new CliError('TOPICS_DIFFER', `Nothing was changed: ${refused.map(({ topic }) => topic).join(', ')}.`);
  }
  const same = topics.length - changes.length;
  remark(`${changes.length} ${dryRun ? 'would be changed' : 'changed'}, ${same} as declared`);
}

const SIGNS = { create: '+', change: '~', refused: '!' } as const;

function printChange({ topic, action, differences }: TopicChange): void {
  const text = ({ setting, from, to }: Difference) =>
    from === null ? `${setting}=${to}` : `${setting} ${from} → ${to}`;
  printLine(`${SIGNS[action]} ${topic}: ${differences.map(text).join(', ')}`);
}

function countOf(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const count = Number(given);
  if (Number.isInteger(count) && count > 0 && count < 100) return count;
  throw new CliError('ARGUMENT_INVALID', `${option} ${given} is no count of brokers.`);
}
