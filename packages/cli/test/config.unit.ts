/** Settings: read from options, environment and files, and refused as a whole, by name, without saying a secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { shown } from '../src/commands/config.ts';
import { copiesMissing, kafkaOf, mongoUriOf } from '../src/config/connections.ts';
import { needsOf } from '../src/config/needs.ts';
import { webhooksMayGoToPrivate } from '../src/config/private-webhooks.ts';
import { readSettings } from '../src/config/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'coachloop-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const valuesOf = (env: Record<string, string>) => readSettings({ env }).values;
const refusal = (env: Record<string, string>): string => {
  try {
    readSettings({ env });
  } catch (error) {
    return String(error);
  }
  return 'accepted';
};

describe('a value', () => {
  test('comes from its option, else the environment, else a file, else the default, and says so', () => {
    const secret = file('password', 'it is\n');
    const env = { PORT: '9000', HOST: '0.0.0.0', KAFKA_SSL: '1', KAFKA_SASL_PASSWORD_FILE: secret, LOG_LEVEL: '' };
    const { values, origins } = readSettings({
      env: { ...env, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'ada' },
      options: { PORT: '9001' },
      defaults: { COACHLOOP_STOP_TIMEOUT_MS: 7_000 },
    });
    expect(values).toMatchObject({ PORT: 9001, HOST: '0.0.0.0', KAFKA_SSL: true, KAFKA_SASL_PASSWORD: 'it is' });
    expect(values).toMatchObject({ KAFKA_SASL_MECHANISM: 'scram-sha-512', LOG_LEVEL: 'warn' });
    expect(values.COACHLOOP_STOP_TIMEOUT_MS).toBe(7_000);
    expect(origins).toMatchObject({ PORT: 'option', HOST: 'environment', KAFKA_SASL_PASSWORD: 'file' });
    expect(origins.LOG_LEVEL).toBe('default');
  });

  test('that cannot be is refused with its name, itself and what it takes; all of them at once', () => {
    const said = refusal({ PORT: 'abc', LOG_LEVEL: 'loud', COACHLOOP_CLOCK_OFFSET_MS: '1.5', KAFKA_BROKERS: 'here' });
    expect(said).toMatch(/PORT is "abc"; it must be a whole number from 0 to 65535/);
    expect(said).toMatch(/LOG_LEVEL is "loud"; it must be one of trace, debug, info/);
    expect(said).toMatch(/COACHLOOP_CLOCK_OFFSET_MS is "1.5"; it must be a whole number/);
    expect(said).toMatch(/KAFKA_BROKERS is "here"; it must be host:port/);
  });

  test('that is secret is never said', () => {
    const said = refusal({ COACHLOOP_CUSTOMER_KEY: 'not-hexadecimal', MONGODB_URI: 'postgres://ada:hush@db' });
    expect(said).toMatch(/COACHLOOP_CUSTOMER_KEY is set to something; it must be 64 hexadecimal digits/);
    expect(said).toMatch(/MONGODB_URI is set to something/);
    expect(said).not.toMatch(/hexadecimal-|hush|ada|not-hex/);
  });

  const pem = '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----';

  test.each([
    { MONGODB_TLS_CERT_KEY: pem },
    { MONGODB_USERNAME: 'ada', MONGODB_PASSWORD_FILE: pem },
    { KAFKA_SSL_CERT: 'cert.pem', KAFKA_SSL_KEY: pem },
  ])('that is the key instead of the name of its file is refused, and not said: %#', (env) => {
    expect(refusal(env)).toMatch(/_(KEY|FILE) holds the key or certificate itself; name its file\./);
    expect(refusal(env)).not.toMatch(/hush/);
  });

  test('that is secret, where the name of its file belongs, is not said', () => {
    const password = refusal({ MONGODB_USERNAME: 'ada', MONGODB_PASSWORD_FILE: 'hush' });
    expect(password).toMatch(/MONGODB_PASSWORD_FILE names a file that cannot be read \(ENOENT\)\./);
    const settings = valuesOf({ MONGODB_URI: 'mongodb://h', MONGODB_TLS_CERT_KEY: 'hush' });
    expect(() => mongoUriOf(settings)).toThrow(/MONGODB_TLS_CERT_KEY names a file that cannot be read \(ENOENT\)/);
    const key = file('key.pem', 'KEY');
    const all = ['hush', key].map((value) => [shown('MONGODB_TLS_CERT_KEY', value), shown('KAFKA_SSL_CA', value)]);
    expect(all).toEqual([
      ['(hidden)', 'hush'],
      [key, key],
    ]);
    expect(shown('KAFKA_SASL_PASSWORD', 'hush')).toBe('(hidden)');
  });

  test('that is wrong is said with what helps, once', () => {
    expect(refusal({ MONGODB_USERNAME: 'ada', MONGODB_PASSWORD_FILE: 'gone' }).match(/coachloop config/g)).toHaveLength(
      1,
    );
  });
});

describe('a name', () => {
  test('that is nearly one of ours is refused with the one that may be meant', () => {
    expect(refusal({ KAFKA_BROKER: 'a:1' })).toMatch(/KAFKA_BROKER is unknown; KAFKA_BROKERS may be meant/);
    for (const name of ['COACHLOOP_ENTIRELY_ELSE', 'COACHLOOP_BAR', 'KAFKA_X'])
      expect(refusal({ [name]: '1' })).toContain(`${name} is unknown.`);
    expect(refusal({ COACHLOOP_DATE: 'x' })).toMatch(/COACHLOOP_DATE is unknown; COACHLOOP_DATA may be meant/);
  });

  test('that Kubernetes or a test sets is not ours to refuse', () => {
    const links = { KAFKA_SERVICE_HOST: '10.0.0.1', KAFKA_SERVICE_PORT_CLIENT: '9092', KAFKA_PORT: 'tcp://10.0.0.1:1' };
    const more = { KAFKA_PORT_9092_TCP_ADDR: '10.0.0.1', COACHLOOP_SAMPLES: '/x', PATH: '/bin' };
    expect(refusal({ ...links, ...more })).toBe('accepted');
  });
});

test.each([
  [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'ada' }, /go together/],
  [{ KAFKA_REPLICATION_FACTOR: '2', KAFKA_MIN_INSYNC_REPLICAS: '3' }, /nothing could be written/],
  [{ KAFKA_SSL_CERT: 'c.pem' }, /KAFKA_SSL_CERT and KAFKA_SSL_KEY/],
  [{ MONGODB_PASSWORD: 'hush' }, /MONGODB_USERNAME and MONGODB_PASSWORD/],
  [{ COACHLOOP_CLOCK_SPEED: '60' }, /COACHLOOP_CLOCK_START/],
  [{ MONGODB_URI: 'mongodb://h', MONGODB_URI_FILE: 'f' }, /MONGODB_URI and MONGODB_URI_FILE are both set/],
])('%j is half of something', (env, said) => {
  expect(refusal(env as Record<string, string>)).toMatch(said);
});

test('Kafka is reached with the certificates and the user that are named', () => {
  const ca = file('ca.pem', 'CERTIFICATE');
  const env = { KAFKA_BROKERS: 'a:1,[::1]:2', KAFKA_SSL_CA: ca };
  const user = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'ada', KAFKA_SASL_PASSWORD: 'hush' };
  expect(kafkaOf(valuesOf({ ...env, ...user }))).toMatchObject({
    brokers: ['a:1', '[::1]:2'],
    ssl: { ca: 'CERTIFICATE' },
    sasl: { mechanism: 'plain', username: 'ada', password: 'hush' },
  });
  expect(kafkaOf(valuesOf({ KAFKA_BROKERS: 'a:1' }))).toEqual({ brokers: ['a:1'], compression: 'none' });
  expect(kafkaOf(valuesOf({ KAFKA_BROKERS: 'a:1', KAFKA_SSL: 'true' }))).toMatchObject({ ssl: true });
  expect(() => kafkaOf(valuesOf({ ...env, KAFKA_SSL_CA: join(folder, 'gone') }))).toThrow(/KAFKA_SSL_CA.*ENOENT/);
  expect(() => kafkaOf(valuesOf({}))).toThrow(/KAFKA_BROKERS/);
});

describe('copies on Kafka', () => {
  const brokers = { KAFKA_BROKERS: 'a:1' };

  test('are as many as is said, and of three two must have what is acknowledged', () => {
    const three = { ...brokers, KAFKA_REPLICATION_FACTOR: '3' };
    expect(kafkaOf(valuesOf(three))).toMatchObject({ replicationFactor: 3, minInsyncReplicas: 2 });
    expect(kafkaOf(valuesOf({ ...three, KAFKA_MIN_INSYNC_REPLICAS: '1' }))).toMatchObject({ minInsyncReplicas: 1 });
    expect(kafkaOf(valuesOf({ ...brokers, KAFKA_REPLICATION_FACTOR: '2' }))).not.toHaveProperty('minInsyncReplicas');
    expect(kafkaOf(valuesOf({ ...brokers, KAFKA_COMPRESSION: 'gzip' }))).toMatchObject({ compression: 'gzip' });
  });

  test('that are too few are told where there are brokers for more', () => {
    const topic = (replicas: number, minInsync: number) => ({ topic: 'qa-events', replicas, minInsync });
    expect(copiesMissing({ brokers: 2, topics: [topic(1, 1)] })).toBeNull();
    expect(copiesMissing({ brokers: 3, topics: [topic(3, 2)] })).toBeNull();
    expect(copiesMissing({ brokers: 3, topics: [topic(3, 2), topic(1, 1)] })).toMatch(/1 topics.*qa-events: 1/);
    expect(copiesMissing({ brokers: 3, topics: [topic(3, 1)] })).toMatch(/KAFKA_MIN_INSYNC_REPLICAS=2/);
  });
});

test("MongoDB's user, password and files are put into its URI", () => {
  const ca = file('mongo-ca.pem', 'CERTIFICATE');
  const who = { MONGODB_USERNAME: 'ada', MONGODB_PASSWORD: 'p@ss/word' };
  const uriOf = (env: Record<string, string>) => mongoUriOf(valuesOf(env));
  expect(uriOf({ MONGODB_URI: 'mongodb://h:1' })).toBe('mongodb://h:1/');
  expect(uriOf({ MONGODB_URI: 'mongodb://u:p@h1,h2/db?replicaSet=r' })).toBe('mongodb://u:p@h1,h2/db?replicaSet=r');
  expect(uriOf({ MONGODB_URI: 'mongodb://h/db?replicaSet=r', MONGODB_TLS_CA: ca, ...who })).toBe(
    `mongodb://ada:p%40ss%2Fword@h/db?replicaSet=r&tls=true&tlsCAFile=${encodeURIComponent(ca)}`,
  );
  expect(() => uriOf({ MONGODB_URI: 'mongodb://u:p@h', ...who })).toThrow(/names a user/);
  expect(() => uriOf({ MONGODB_URI: 'mongodb://h', MONGODB_TLS_CA: join(folder, 'gone') })).toThrow(/MONGODB_TLS_CA/);
});

describe('webhooks to private addresses', () => {
  const may = (env: Record<string, string>, embedded = true) => webhooksMayGoToPrivate(valuesOf(env), { embedded });

  test('are for one process alone with this machine; no name to answer under, no proxy, no process of several', () => {
    expect(may({})).toBe(true);
    expect(may({ COACHLOOP_ALLOWED_HOSTS: 'coachloop.example' })).toBe(false);
    expect(may({ HOST: '0.0.0.0' })).toBe(false);
    expect(may({}, false)).toBe(false);
  });

  test('are as is said, where it is said', () => {
    expect(may({ COACHLOOP_WEBHOOK_ALLOW_PRIVATE: 'true' }, false)).toBe(true);
    expect(may({ COACHLOOP_WEBHOOK_ALLOW_PRIVATE: 'false' })).toBe(false);
  });
});

describe('what a process of services needs', () => {
  const servers = { KAFKA_BROKERS: 'localhost:9092', MONGODB_URI: 'mongodb://localhost' };
  const needs = (name: string, env: Record<string, string>) => needsOf(new Set([name]), valuesOf(env));

  test('addresses of services that are not given are those of this machine', () => {
    const given = { ...servers, COACHLOOP_SERVICES: 'qa-scoring=http://qa:80/,evaluation=https://e' };
    const urls = Object.fromEntries(needs('console', given).elsewhere.map(({ name, url }) => [name, url]));
    expect(urls).toMatchObject({ 'qa-scoring': 'http://qa:80', evaluation: 'https://e' });
    expect(urls['call-ingest']).toBe('http://127.0.0.1:8081');
    expect(needs('evaluation', given).elsewhere.map(({ name }) => name)).not.toContain('evaluation');
  });

  test.each([
    ['console', { ...servers, COACHLOOP_SERVICES: 'scoring=http://qa' }, /"scoring"; there are call-ingest/],
    ['call-ingest', servers, /call-ingest needs COACHLOOP_CUSTOMER_KEY/],
    ['evaluation', { KAFKA_BROKERS: servers.KAFKA_BROKERS }, /No MongoDB is named/],
    [
      'evaluation',
      { ...servers, KAFKA_SSL_CA: '/nowhere.pem' },
      /KAFKA_SSL_CA is \/nowhere\.pem, which cannot be read/,
    ],
    ['evaluation', { ...servers, COACHLOOP_SITE: '/nowhere' }, /\/nowhere cannot be read \(ENOENT\)/],
  ] as const)('%s is refused without it, or with what cannot be', (name, env, reason) => {
    expect(() => needs(name, env)).toThrow(reason);
  });
});
