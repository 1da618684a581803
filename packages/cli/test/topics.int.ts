/** `topics apply` on a real Kafka of its own: it declares the topics of a whole installation. */
import { declaredTopics } from '@coachloop/contracts';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { type KafkaServer, kafkaOrigin, startKafka } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { coachloop } from './harness/command.ts';

const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' });
const clock = { now: () => Date.now() };

test('a Kafka that is not named, or not well, is an error that says so', async () => {
  const env = { KAFKA_BROKERS: '' };
  expect(await coachloop(['topics', 'apply'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('KAFKA_BROKERS'),
  });
  const wrong = { KAFKA_BROKERS: 'localhost:9092', KAFKA_SASL_MECHANISM: 'kerberos' };
  expect((await coachloop(['topics', 'apply'], { env: wrong })).stderr).toContain('one of plain, scram-sha-256');
});

describe.skipIf(origin === undefined)('topics apply', () => {
  let server: KafkaServer;
  const apply = async (...args: string[]) => {
    const result = await coachloop(['topics', 'apply', '--json', ...args], { env: { KAFKA_BROKERS: server.address } });
    return { code: result.code, stderr: result.stderr, ...JSON.parse(result.stdout || '{}') };
  };

  beforeAll(async () => {
    server = await startKafka();
  }, 240_000);
  afterAll(() => server?.stop());

  test('says what it would make, makes it, and then has nothing to do', async () => {
    const all = declaredTopics().map(({ name }) => name);
    const create = (names: readonly string[]) =>
      names.map((topic) => expect.objectContaining({ topic, action: 'create' }));
    expect(await apply('--dry-run')).toMatchObject({ code: 0, applied: false, changes: create(all) });
    expect(await apply()).toMatchObject({ code: 0, applied: true, changes: create(all) });
    expect(await apply()).toMatchObject({ code: 0, applied: true, topics: all.length, changes: [] });

    const log = openKafkaLog({ brokers: [server.address], clock, topics: 'expect' });
    const specs = new Map((await log.topics()).map((spec) => [spec.name, spec]));
    for (const { name, partitions, retentionMs } of declaredTopics()) {
      expect(specs.get(name)).toEqual(retentionMs === null ? { name, partitions } : { name, partitions, retentionMs });
    }
    // Services that expect their topics find them, and say what is missing.
    await log.createTopics(declaredTopics().map(({ name, partitions }) => ({ name, partitions })));
    await expect(log.createTopics([{ name: 'not-declared', partitions: 12 }])).rejects.toMatchObject({
      code: 'LOG_TOPIC_UNKNOWN',
      message: expect.stringContaining('not-declared'),
    });
    await log.close();
  });

  test('puts back what somebody changed, and leaves other settings and other topics alone', async () => {
    const log = openKafkaLog({ brokers: [server.address], clock });
    await log.createTopics([
      { name: 'call-intake', partitions: 12, retentionMs: 60_000 },
      { name: 'somebody-elses', partitions: 1 },
    ]);
    // Brokers answer when a change is decided, and tell of it a little later.
    const kept = async () => (await log.topics()).find(({ name }) => name === 'call-intake')?.retentionMs;
    await vi.waitFor(async () => expect(await kept()).toBe(60_000), { timeout: 30_000, interval: 100 });
    const difference = { setting: 'retention.ms', from: '60000', to: String(30 * 86_400_000) };
    const changed = { topic: 'call-intake', action: 'change', differences: [difference] };
    expect(await apply()).toMatchObject({ code: 0, changes: [changed] });
    await vi.waitFor(async () => expect(await kept()).toBe(30 * 86_400_000), { timeout: 30_000, interval: 100 });
    const names = (await log.topics()).map(({ name }) => name);
    expect(names).toContain('somebody-elses');
    expect(names).toHaveLength(declaredTopics().length + 1);
    await log.close();
  });

  test('makes as many copies as the environment says, of which most must have what is acknowledged', async () => {
    const env = { KAFKA_BROKERS: server.address, KAFKA_REPLICATION_FACTOR: '3' };
    const all = declaredTopics().map(({ name }) => name);
    const { code, stdout, stderr } = await coachloop(['topics', 'apply', '--dry-run'], { env });
    expect(stdout).toBe(`! ${all.length} topics: replication.factor 1 → 3\n  ${all.join(', ')}\n`);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/kafka-reassign-partitions.*\(TOPIC_REPLICAS_DIFFER\)/),
    });
    expect(stderr).not.toContain('Order by key');
    const gzip = { KAFKA_BROKERS: server.address, KAFKA_COMPRESSION: 'gzip' };
    const packed = await coachloop(['topics', 'apply', '--dry-run', '--min-insync', '1'], { env: gzip });
    expect(packed.stdout).toMatch(/^~ \d+ topics: compression\.type uncompressed → gzip\n {2}.*call-events/);
  });

  test('says where there are brokers for more copies than a topic has; refuses other counts, and changes nothing then', async () => {
    const other = await startKafka({ brokers: 3 });
    const log = openKafkaLog({ brokers: other.address.split(','), clock });
    const env = { KAFKA_BROKERS: other.address };
    const few = await coachloop(['topics', 'apply', '--dry-run', '--replication', '3'], { env });
    // Kept for ever, or for 30 days.
    expect(few.stdout).toMatch(/^(\+ \d+ topics: .*replication\.factor=3.*min\.insync\.replicas=2\n {2}\S.*\n){2}$/);
    expect(few.stdout).toMatch(/^ {2}.*qa-events/m);
    expect(few.stderr).not.toContain('Warning');
    // One topic of ours with one copy is one too many.
    const single = openKafkaLog({ brokers: other.address.split(','), clock, replicationFactor: 1 });
    await single.createTopics([{ name: 'call-events', partitions: 12 }]);
    await single.close();
    const warned = await coachloop(['topics', 'apply', '--dry-run'], { env });
    expect(warned.stderr).toMatch(
      /Warning: There are 3 brokers, and 1 topics have fewer than 3 copies \(call-events: 1\)/,
    );
    await log.createTopics([{ name: 'qa-events', partitions: 3 }]);
    const result = await coachloop(['topics', 'apply'], { env });
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/: qa-events\. Order by key.*\(TOPICS_DIFFER\)/),
    });
    expect(result.stdout).toContain('! qa-events: partitions 3 → 12');
    expect(await log.topics()).toContainEqual({ name: 'qa-events', partitions: 3 });
    expect(await log.topics()).toHaveLength(2);
    await log.close();
    await other.stop();
  }, 240_000);
});
