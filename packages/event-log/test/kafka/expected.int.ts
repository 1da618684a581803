/** Topics that an operator makes: what is not as declared shows at the start, and not when it is too late. */
import { describe, expect, test, vi } from 'vitest';
import { applyTopics } from '../../src/kafka/index.ts';
import { uniqueName } from '../conformance/fixtures.ts';
import { brokers, configure, openLog } from './fixtures.ts';

const DAY_MS = 86_400_000;

describe.skipIf(brokers.length === 0)('a topic that an operator makes', () => {
  const good = {
    'compression.type': 'uncompressed',
    'retention.ms': String(DAY_MS),
    'retention.bytes': '-1',
    'message.timestamp.after.max.ms': String(DAY_MS),
  };

  test.each([
    [{ 'compression.type': 'producer' }, 'compression.type producer lets in what cannot be read'],
    [{ 'compression.type': 'zstd' }, 'compression.type zstd lets in what cannot be read'],
    [{ 'cleanup.policy': 'compact' }, 'cleanup.policy compact drops records that are not old'],
    [{ 'retention.ms': '60000' }, `retention.ms 60000 is less than ${DAY_MS}`],
    [{ 'retention.bytes': '1000000' }, 'retention.bytes 1000000 is less than -1, no bound'],
    [{ 'max.message.bytes': '1000' }, 'max.message.bytes 1000 is less than 1048588'],
    [{ 'message.timestamp.type': 'LogAppendTime' }, 'message.timestamp.type LogAppendTime hides when it happened'],
    // Kafka's own default.
    [{ 'message.timestamp.after.max.ms': '3600000' }, `message.timestamp.after.max.ms 3600000 is less than ${DAY_MS}`],
  ])('is refused with %o, until it is applied', async (bad, fault) => {
    const spec = { name: uniqueName('topic'), partitions: 1, retentionMs: DAY_MS };
    const options = { brokers, clock: { now: () => Date.now() } };
    await applyTopics(options, [spec]);
    await configure(spec.name, { ...good, ...bad });
    const { log } = openLog({ topics: [spec] });
    // Services do not say how long topics are kept: the operator's list does.
    const start = () => log.createTopics([{ name: spec.name, partitions: 1 }]);
    await vi.waitFor(() =>
      expect(start()).rejects.toMatchObject({ code: 'LOG_TOPIC_SETTINGS_DIFFER', what: `${spec.name}: ${fault}` }),
    );
    await applyTopics(options, [spec]);
    await vi.waitFor(start);
  });

  test('may be kept longer than declared, and packed by gzip', async () => {
    const spec = { name: uniqueName('topic'), partitions: 1, retentionMs: DAY_MS };
    const { log } = openLog({ topics: [spec] });
    await applyTopics({ brokers, clock: { now: () => Date.now() }, compression: 'gzip' }, [spec]);
    const { log: other } = openLog();
    await other.createTopics([{ ...spec, retentionMs: 2 * DAY_MS }]);
    await vi.waitFor(async () => expect(await other.topics()).toContainEqual({ ...spec, retentionMs: 2 * DAY_MS }));
    await log.createTopics([spec]);
  });
});
