/**
 * Every variable that a process of ours reads: one schema, from which values are read and checked, `coachloop config` is printed
 * and docs/configuration.md is made. Names are those of the environment; texts of the environment are turned into the types.
 */
import { CRASH_POINTS } from '@coachloop/runtime';
import { type Static, type TSchema, Type } from 'typebox';
import { processesText } from '../processes.ts';

export const GROUPS = {
  process: 'Every process',
  embedded: 'Embedded (`up`)',
  distributed: 'Distributed (`service`)',
  kafka: 'Kafka',
  mongodb: 'MongoDB',
  command: 'Commands',
  trial: 'Trying faults and fast clocks',
} as const;
export type Group = keyof typeof GROUPS;

/** What the schema of one variable says besides its values. */
export interface SettingMeta {
  readonly group: Group;
  readonly description: string;
  /** Never printed; may also be given as the name of a file in `NAME_FILE`. */
  readonly secret?: boolean;
  /** Option of commands that wins over the variable. */
  readonly option?: string;
  readonly default?: string | number | boolean;
  /** Said instead of the default where that depends. */
  readonly defaultText?: string;
  /** What `pattern` means, for people. */
  readonly form?: string;
}

const text = (meta: SettingMeta & { readonly pattern?: string }) => Type.String({ minLength: 1, ...meta });
const whole = (meta: SettingMeta & { readonly minimum: number; readonly maximum: number }) => Type.Integer({ ...meta });
const number = (meta: SettingMeta & { readonly minimum: number; readonly maximum: number }) => Type.Number({ ...meta });
const flag = (meta: SettingMeta) => Type.Boolean({ ...meta });
const choice = <T extends string>(values: readonly T[], meta: SettingMeta) => Type.Enum([...values], { ...meta });
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

const BROKER = String.raw`([^\s,:\[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5}`;
const SERVICE_URL = String.raw`[a-z-]+=https?://[^\s,=]+`;

export const Settings = Type.Object({
  HOST: text({
    group: 'process',
    option: '--host',
    default: '127.0.0.1',
    description: 'where it listens; see [security](operating.md#security) before changing it',
  }),
  PORT: whole({
    group: 'process',
    option: '--port',
    minimum: 0,
    maximum: 65_535,
    default: 8080,
    defaultText: `8080; with \`service\`: ${processesText()}`,
    description: 'where it listens; 0 is any free port',
  }),
  COACHLOOP_ALLOWED_HOSTS: optional(
    text({
      group: 'process',
      pattern: String.raw`^[^\s,/:]+(,[^\s,/:]+)*$`,
      form: 'names without port, separated by commas, or *',
      description:
        'names under which everything is served to others than this machine, e.g. `qa-scoring,coachloop.example`; `*`: any. Only behind a proxy that signs people in, or in a private network',
    }),
  ),
  COACHLOOP_SITE: optional(
    text({
      group: 'process',
      defaultText: 'as shipped',
      description:
        'folder with forms, rules, courses and notices of your own ([how](operating.md#rules-of-your-own)); the same for all processes',
    }),
  ),
  COACHLOOP_STOP_TIMEOUT_MS: whole({
    group: 'process',
    minimum: 1_000,
    maximum: 600_000,
    default: 20_000,
    defaultText: '20000; `up`: 5000',
    description: 'ms that a stop may take: what is in hand is finished, then it exits with 0',
  }),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    group: 'process',
    default: 'warn',
    description: 'what is logged',
  }),
  COACHLOOP_WEBHOOK_ALLOW_PRIVATE: optional(
    flag({
      group: 'process',
      defaultText: 'true for `up` on 127.0.0.1 without `COACHLOOP_ALLOWED_HOSTS`, else false',
      description: 'webhooks may go to private addresses',
    }),
  ),
  COACHLOOP_DATA: optional(
    text({
      group: 'embedded',
      option: '--data',
      defaultText: '`.coachloop/data`, with the demo `.coachloop/demo`',
      description: 'data folder (`replay` takes `--data` alone; its own is `.coachloop/replay`)',
    }),
  ),
  COACHLOOP_SERVICES: optional(
    text({
      group: 'distributed',
      pattern: `^${SERVICE_URL}(,${SERVICE_URL})*$`,
      form: 'service=http://host:port,…',
      defaultText: 'each on 127.0.0.1 at its own port',
      description: 'where the processes that are elsewhere answer, for the console and for the figures',
    }),
  ),
  COACHLOOP_CUSTOMER_KEY: optional(
    text({
      group: 'distributed',
      secret: true,
      pattern: '^[0-9a-f]{64}$',
      form: '64 hexadecimal digits, e.g. of `openssl rand -hex 32`',
      defaultText: 'call-ingest needs it',
      description: "key of the customers' hashes: the same for all instances, and for ever",
    }),
  ),
  COACHLOOP_ERA: optional(
    text({
      group: 'distributed',
      pattern: String.raw`^\S{1,64}$`,
      form: 'one word',
      description:
        'after a backup of Kafka and MongoDB together was restored: a new word, so that what is said from then on belongs to new streams',
    }),
  ),
  KAFKA_BROKERS: optional(
    text({
      group: 'kafka',
      option: '--brokers',
      pattern: `^${BROKER}(,${BROKER})*$`,
      form: 'host:port,…',
      description: 'some brokers; they name the others',
    }),
  ),
  KAFKA_SSL: flag({ group: 'kafka', default: false, description: 'TLS, with the authorities that Node knows' }),
  KAFKA_SSL_CA: optional(
    text({ group: 'kafka', description: 'file of authorities (PEM) to trust instead; TLS is on then' }),
  ),
  KAFKA_SSL_CERT: optional(
    text({ group: 'kafka', description: 'file of our own certificate (PEM), where brokers ask for one' }),
  ),
  KAFKA_SSL_KEY: optional(text({ group: 'kafka', description: 'file of its key (PEM)' })),
  KAFKA_SASL_MECHANISM: optional(
    choice(['plain', 'scram-sha-256', 'scram-sha-512'], { group: 'kafka', description: 'how we say who we are' }),
  ),
  KAFKA_SASL_USERNAME: optional(text({ group: 'kafka', description: 'user' })),
  KAFKA_SASL_PASSWORD: optional(text({ group: 'kafka', secret: true, description: 'password' })),
  KAFKA_REPLICATION_FACTOR: optional(
    whole({
      group: 'kafka',
      option: '--replication',
      minimum: 1,
      maximum: 99,
      defaultText: "the brokers' own, often 1",
      description: 'copies of each partition, of topics that are made; 3 where there are three brokers or more',
    }),
  ),
  KAFKA_MIN_INSYNC_REPLICAS: optional(
    whole({
      group: 'kafka',
      option: '--min-insync',
      minimum: 1,
      maximum: 99,
      defaultText: "2 with three copies or more, else the brokers' own",
      description: 'copies that must have a record before it is acknowledged',
    }),
  ),
  KAFKA_COMPRESSION: choice(['none', 'gzip'], {
    group: 'kafka',
    default: 'none',
    description: 'how records travel and are stored; the same for all processes, and for `topics apply`',
  }),
  MONGODB_URI: optional(
    text({
      group: 'mongodb',
      option: '--uri',
      secret: true,
      pattern: String.raw`^mongodb(\+srv)?://\S+$`,
      form: 'mongodb://… or mongodb+srv://…',
      description: 'hosts, database (`coachloop` if it names none), and whatever else MongoDB reads there',
    }),
  ),
  MONGODB_USERNAME: optional(text({ group: 'mongodb', description: 'user, where the URI does not name it' })),
  MONGODB_PASSWORD: optional(text({ group: 'mongodb', secret: true, description: 'password, as it is' })),
  MONGODB_TLS_CA: optional(
    text({ group: 'mongodb', description: 'file of authorities (PEM) to trust; TLS is on then' }),
  ),
  MONGODB_TLS_CERT_KEY: optional(
    text({ group: 'mongodb', description: 'file of our own certificate and its key (PEM); TLS is on then' }),
  ),
  COACHLOOP_URL: text({
    group: 'command',
    option: '--url',
    default: 'http://127.0.0.1:8080',
    pattern: '^https?://',
    form: 'http://host:port',
    description: 'which platform the commands speak to',
  }),
  COACHLOOP_DEBUG: flag({ group: 'command', default: false, description: 'errors of commands with their stack' }),
  COACHLOOP_CLOCK_SPEED: number({
    group: 'trial',
    minimum: 1,
    maximum: 5_000,
    default: 1,
    description:
      'how many times faster than real time the clock of `service`, and of `up --no-demo`, runs since COACHLOOP_CLOCK_START; the same for all processes',
  }),
  COACHLOOP_CLOCK_START: optional(
    text({
      group: 'trial',
      pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$`,
      form: 'a time like 2026-03-01T08:00:00Z',
      description: 'until then that clock shows real time',
    }),
  ),
  COACHLOOP_CLOCK_OFFSET_MS: whole({
    group: 'trial',
    minimum: -7 * 86_400_000,
    maximum: 7 * 86_400_000,
    default: 0,
    description: 'ms by which that clock is wrong, in this process',
  }),
  COACHLOOP_CRASH_AT: optional(
    text({
      group: 'trial',
      pattern: `^([a-z-]+/)?(${CRASH_POINTS.join('|')}):[1-9]\\d*$`,
      form: `[service/]point:count with a point of ${CRASH_POINTS.join(', ')}`,
      description: 'kills the process when it passes that point for the count-th time',
    }),
  ),
  COACHLOOP_DELIVERIES: whole({
    group: 'trial',
    minimum: 1,
    maximum: 5,
    default: 1,
    description: 'how often each message is handled',
  }),
  COACHLOOP_FAILING_PERCENT: whole({
    group: 'trial',
    minimum: 0,
    maximum: 100,
    default: 0,
    description: 'how many of 100 messages fail, always the same ones: to see what becomes of them',
  }),
});

export type Settings = Static<typeof Settings>;
export type SettingName = keyof Settings;
export const SETTING_NAMES = Object.keys(Settings.properties) as SettingName[];
export const metaOf = (name: SettingName): SettingMeta => Settings.properties[name] as unknown as SettingMeta;

/** What tests, launchers and development read; known, so that it is not taken for a misspelt variable. */
export const FOREIGN_NAMES: readonly string[] = [
  'COACHLOOP_CHROMIUM',
  'COACHLOOP_CWD',
  'COACHLOOP_FUZZ_RECORDS',
  'COACHLOOP_FUZZ_SEED',
  'COACHLOOP_KAFKA_ORIGIN',
  'COACHLOOP_MAVEN_URL',
  'COACHLOOP_MONGO_ORIGIN',
  'COACHLOOP_PROMETHEUS',
  'COACHLOOP_SAMPLES',
  'COACHLOOP_SAMPLES_LISTING',
  'COACHLOOP_SERVERS_CACHE',
  'COACHLOOP_SUPERVISOR',
  'COACHLOOP_TEST_REQUIRE',
];
