/** A foreign client, kcat, at both ends of the loop: what it writes is scored, and what it reads is as documented. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { EXAMPLES } from '@coachloop/contracts/examples';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { type KafkaServer, kafkaOrigin, startKafka } from '@coachloop/servers';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allServices } from '../src/services.ts';
import { blocksOf, follow, SCORED, untilItPrints } from './harness/sending-calls.ts';

const kcat = await promisify(execFile)('kcat', ['-V']).then(
  () => true,
  () => false,
);
const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' });
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
if (!kcat)
  process.stderr.write(
    'NOTICE: there is no kcat (Debian: kcat); that foreign Kafka clients understand us is not tested here.\n',
  );

describe.skipIf(!required && (!kcat || origin === undefined))('a foreign client (needs kcat and a Kafka)', () => {
  let server: KafkaServer;
  let platform: Platform;
  let close: () => Promise<void>;

  beforeAll(async () => {
    server = await startKafka();
    const log = openKafkaLog({ brokers: [server.address], clock: systemClock });
    const store = createMemoryStore();
    platform = await Platform.start({
      services: allServices({ customerKey: 'test' }),
      log,
      store,
      clock: systemClock,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('silent'),
      version: 'test',
    });
    close = async () => {
      await platform.stop();
      await log.close();
      await store.close();
      await server.stop();
    };
  }, 240_000);
  afterAll(() => close?.(), 60_000);

  /** One event in binary mode. Compressed as kafkajs could not read it. */
  async function produce(topic: string, key: string, type: string, data: unknown): Promise<void> {
    const headers = ['ce_specversion=1.0', `ce_id=kcat-${type}`, 'ce_source=/kcat', `ce_type=${type}`];
    const time = `ce_time=${new Date().toISOString()}`;
    const all = [...headers, time, 'content-type=application/json'].flatMap((header) => ['-H', header]);
    const child = spawn('kcat', [
      '-P',
      '-b',
      server.address,
      '-t',
      topic,
      '-k',
      key,
      '-z',
      'snappy',
      '-X',
      'topic.partitioner=murmur2_random',
      ...all,
    ]);
    child.stdin.end(JSON.stringify(data));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  }

  /** All that a topic holds, with one header and value a line. */
  async function consume(topic: string): Promise<{ key: string; headers: Map<string, string>; value: unknown }[]> {
    const format = '{"key":"%k","headers":"%h"}\\t%s\\n';
    const args = ['-C', '-q', '-e', '-b', server.address, '-t', topic, '-f', format];
    const { stdout } = await promisify(execFile)('kcat', args);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [head = '', value = ''] = line.split('\t');
        const { key, headers } = JSON.parse(head);
        const pairs = String(headers)
          .split(',')
          .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
        return { key, headers: new Map(pairs), value: JSON.parse(value) };
      });
  }

  test('produces a conversation, and an evaluation of it comes out, in binary mode', async () => {
    const conversation = EXAMPLES['call-intake']['transcript.completed'] as { callId: string };
    const startedAt = new Date(Date.now() - 600_000).toISOString();
    const call = { callId: conversation.callId, queue: 'chat', channel: 'chat', direction: 'inbound', startedAt };
    await produce('call-intake', conversation.callId, 'call.queued', call);
    await produce('call-intake', conversation.callId, 'transcript.completed', conversation);
    const ended = { callId: conversation.callId, at: new Date(Date.now() - 1_000).toISOString() };
    await produce('call-intake', conversation.callId, 'call.ended', ended);

    const completed = async () =>
      (await consume('qa-events')).filter(({ headers }) => headers.get('ce_type') === 'qa.evaluation.completed');
    await vi.waitFor(async () => expect(await completed()).not.toEqual([]), { timeout: 120_000, interval: 500 });
    const [evaluated] = await completed();
    expect(evaluated?.headers).toEqual(
      new Map([
        ['ce_specversion', '1.0'],
        ['ce_id', expect.any(String)],
        ['ce_source', expect.stringMatching(/^\/qa-scoring\//)],
        ['ce_type', 'qa.evaluation.completed'],
        ['ce_time', expect.stringMatching(/^\d{4}-.*Z$/)],
        ['ce_stream', expect.any(String)],
        ['ce_seq', expect.stringMatching(/^\d+$/)],
        ['ce_born', expect.stringMatching(/^\d+$/)],
        ['content-type', 'application/json'],
        ['ce_subject', expect.any(String)],
        ['traceparent', expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)],
      ]),
    );
    expect(evaluated?.value).toMatchObject({ agentId: evaluated?.key });
  }, 240_000);

  test('the guide’s call gets its score in both modes, and its mistake becomes a dead letter', async () => {
    const [setUp = ''] = blocksOf('');
    const [variables = '', binary = '', structured = ''] = blocksOf('Over Kafka');
    const [look = ''] = blocksOf('Its score');
    const [, wrong = '', list = ''] = blocksOf('What is wrong');
    const env = { COACHLOOP_URL: platform.url, KAFKA_BROKERS: server.address };
    const printed = await follow(
      [setUp, variables, binary, structured, untilItPrints(SCORED, look)].concat([
        wrong,
        untilItPrints(['EVENT_INVALID'], list),
      ]),
      env,
    );
    const [page = ''] = printed[4]?.split('\n') ?? [];
    expect(JSON.parse(page).items).toMatchObject([
      {
        agentKey: 'agent-17',
        passed: false,
        autoFailedBy: ['no-forbidden-phrase'],
        callEndedAt: expect.stringContaining('T00:05:20'),
      },
    ]);
    expect(printed[6]).toMatch(/\bcall-ingest\b.*EVENT_INVALID/);
  }, 240_000);
});
