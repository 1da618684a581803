/** Checks of Kafka and MongoDB, where they are configured: do they answer, and have they what the services expect? */
import { applyIndexes } from '@coachloop/document-store/mongo';
import { applyTopics, replicasOf } from '@coachloop/event-log/kafka';
import { copiesMissing, kafkaOf, mongoUriOf } from '../config/connections.ts';
import type { Settings } from '../config/settings.ts';
import { wantedCollections, wantedTopics } from '../wanted.ts';
import type { Check } from './check.ts';

export async function servers(settings: Settings): Promise<readonly Check[]> {
  const checks: Promise<Check>[] = [];
  if (settings.KAFKA_BROKERS !== undefined) checks.push(kafka(settings));
  if (settings.MONGODB_URI !== undefined) checks.push(mongo(settings));
  return Promise.all(checks);
}

async function kafka(settings: Settings): Promise<Check> {
  const topics = wantedTopics();
  return check('kafka', 'topics', async () => {
    const options = { ...kafkaOf(settings), clock: { now: () => Date.now() } };
    const changes = await applyTopics(options, topics, { dryRun: true });
    const names = topics.map(({ name }) => name);
    const hint = changes.length === 0 ? copiesMissing(await replicasOf(options, names)) : null;
    return { different: changes.map(({ topic }) => topic), fine: `${topics.length} topics as declared`, hint };
  });
}

const mongo = (settings: Settings): Promise<Check> =>
  check('mongodb', 'indexes', async () => {
    const changes = await applyIndexes({ uri: mongoUriOf(settings) }, wantedCollections(), { dryRun: true });
    const different = [...new Set(changes.map(({ collection }) => collection))];
    return { different, fine: 'all indexes are there', hint: null };
  });

interface Found {
  readonly different: readonly string[];
  readonly fine: string;
  readonly hint: string | null;
}

async function check(name: string, what: 'topics' | 'indexes', look: () => Promise<Found>): Promise<Check> {
  try {
    const { different, fine, hint } = await look();
    if (different.length === 0 && hint !== null) return { name, status: 'hint', detail: hint };
    if (different.length === 0) return { name, status: 'ok', detail: `answers; ${fine}` };
    const detail = `${different.length} ${what} are missing or different (${different[0]}, …): run \`coachloop ${what} apply\``;
    return { name, status: 'problem', detail };
  } catch (error) {
    return { name, status: 'problem', detail: error instanceof Error ? error.message : String(error) };
  }
}
