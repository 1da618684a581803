/** Checks of Kafka and MongoDB, where they are configured: do they answer, and have they what the services expect? */
import { applyIndexes } from '@coachloop/document-store/mongo';
import { applyTopics } from '@coachloop/event-log/kafka';
import { kafkaOf, mongoUriOf } from '../config/connections.ts';
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
  return check('kafka', async () => {
    const clock = { now: () => Date.now() };
    const changes = await applyTopics({ ...kafkaOf(settings), clock }, topics, { dryRun: true });
    return [changes.map(({ topic }) => topic), `${topics.length} topics as declared`, 'topics'];
  });
}

const mongo = (settings: Settings): Promise<Check> =>
  check('mongodb', async () => {
    const changes = await applyIndexes({ uri: mongoUriOf(settings) }, wantedCollections(), { dryRun: true });
    return [[...new Set(changes.map(({ collection }) => collection))], 'all indexes are there', 'indexes'];
  });

async function check(name: string, look: () => Promise<[readonly string[], string, string]>): Promise<Check> {
  try {
    const [different, fine, what] = await look();
    if (different.length === 0) return { name, status: 'ok', detail: `answers; ${fine}` };
    const detail = `${different.length} ${what} are missing or different (${different[0]}, …): run \`coachloop ${what} apply\``;
    return { name, status: 'problem', detail };
  } catch (error) {
    return { name, status: 'problem', detail: error instanceof Error ? error.message : String(error) };
  }
}
