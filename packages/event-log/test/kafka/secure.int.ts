/** TLS and SASL against a real broker, whose certificate is made here. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaServer, kafkaOrigin, startKafkaHere } from '@coachloop/servers';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type KafkaLogOptions, openKafkaLog } from '../../src/kafka/index.ts';

const here = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '', DOCKER_HOST: 'unix:///nowhere' });
/** For those who are not let in however long they try. */
const SOON = { callMs: 4_000, connectMs: 2_000 } as const;
const user = { username: 'ada', password: 'hush-hush' };

describe.skipIf(here === undefined)('a broker that wants TLS and a user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coachloop-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  let server: KafkaServer;
  const open = (options: Partial<KafkaLogOptions>) =>
    openKafkaLog({
      brokers: [server.secureAddress ?? ''],
      clock: { now: () => Date.now() },
      timings: { callMs: 30_000, connectMs: 10_000 },
      ...options,
    });

  beforeAll(async () => {
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject];
    execFileSync('openssl', made, { stdio: 'ignore' });
    appendFileSync(key, readFileSync(certificate));
    server = await startKafkaHere({ secure: { keystore: key, ...user } });
  }, 240_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'is written to and read from with %s',
    async (mechanism) => {
      const log = open({ ssl: { ca: readFileSync(certificate) }, sasl: { mechanism, ...user } });
      const topic = `secure-${mechanism}`;
      await log.createTopics([{ name: topic, partitions: 2 }]);
      await log.append([{ topic, key: 'k', headers: {}, value: Buffer.from('said') }]);
      const values: string[] = [];
      for await (const records of log.scan({ topics: [topic], from: 'start' }))
        values.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
      expect(values).toEqual(['said']);
      await log.close();
    },
  );

  test.each([
    [
      'a wrong password',
      { sasl: { mechanism: 'scram-sha-256', username: 'ada', password: 'wrong' } as const },
      'LOG_ACCESS_DENIED',
    ],
    [
      'a wrong password in the clear',
      { sasl: { mechanism: 'plain', username: 'ada', password: 'wrong' } as const },
      'LOG_ACCESS_DENIED',
    ],
    [
      'a certificate that nobody vouches for',
      { timings: SOON, ssl: true, sasl: { mechanism: 'plain', ...user } as const },
      'LOG_UNAVAILABLE',
      /KAFKA_SSL_CA/,
    ],
    [
      'TLS where the broker does not speak it',
      { timings: SOON, at: 'plain', sasl: undefined } as const,
      'LOG_UNAVAILABLE',
      /KAFKA_SSL says/,
    ],
    [
      'a user where the broker takes no logins',
      { at: 'plain', ssl: false, sasl: { mechanism: 'plain', ...user } } as const,
      'LOG_ACCESS_DENIED',
      /SASL/,
    ],
  ])('refuses %s, and the error says so without the password', async (_, options, code, says = /./) => {
    const { at, ...given } = { at: 'secure', ...options };
    const brokers = [(at === 'plain' ? server.address : server.secureAddress) ?? ''];
    const log = open({ ssl: { ca: readFileSync(certificate) }, ...given, brokers } as Partial<KafkaLogOptions>);
    const error = await log.topics().catch((caught: Error) => caught);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(String(error)).not.toMatch(/hush|wrong/);
    await log.close();
  });

  // A connection that was refused once must not be remembered for ever.
  test('lets in again whoever it refused, once the password is right, and says who may not join', async () => {
    const right = { mechanism: 'scram-sha-256', ...user } as const;
    let isWrong = (_: 'consumer' | 'other') => true;
    const log = open({
      ssl: { ca: readFileSync(certificate) },
      sasl: right,
      createClient: (config) => {
        const wrong = new kafkajs.Kafka({ ...config, sasl: { ...right, password: 'wrong' } });
        if (isWrong('other')) return wrong;
        const kafka = new kafkajs.Kafka(config);
        const make = kafka.consumer.bind(kafka);
        kafka.consumer = (options) =>
          options?.groupId !== 'none' && isWrong('consumer') ? wrong.consumer(options) : make(options);
        return kafka;
      },
    });
    onTestFinished(() => log.close());
    const denied = { code: 'LOG_ACCESS_DENIED' };
    await expect(log.topics()).rejects.toMatchObject(denied);
    await expect(log.committed('g')).rejects.toMatchObject(denied);
    isWrong = (who) => who === 'consumer';
    expect(await log.committed('g')).toEqual([]);
    await log.createTopics([{ name: 'again', partitions: 1 }]);
    const options = { group: 'g', topics: ['again'] };
    await expect(log.consume(options, async () => undefined)).rejects.toMatchObject(denied);
    isWrong = () => false;
    await log.append([{ topic: 'again', key: 'k', headers: {}, value: Buffer.from('said') }]);
    const heard = Promise.withResolvers<void>();
    await log.consume(options, async () => heard.resolve());
    await heard.promise;
  });
});
