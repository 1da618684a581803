/** Topics as the brokers have them: their counts of partitions and settings, and how they are made and changed. */
import kafkajs, { type Admin } from 'kafkajs';
import { isLogError, LogError } from '../errors.ts';
import { closedError, isFinal, messageOf, typeOf, unavailable } from './failures.ts';
import type { Settings } from './options.ts';

export interface BrokerTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** All settings, with the brokers' defaults. */
  readonly config: Readonly<Record<string, string>>;
  /** Those that were set for this topic. */
  readonly own: Readonly<Record<string, string>>;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** -1: the brokers' default. */
  readonly replicas: number;
  readonly config: Readonly<Record<string, string>>;
}

const TOPIC_CONFIG_SOURCE = 1; // DescribeConfigs: DYNAMIC_TOPIC_CONFIG
const CREATE_MS_MAX = 15_000;
const DESCRIBE_TOPICS_MAX = 200;

export class TopicAdmin {
  readonly #settings: Settings;
  #admin: Promise<Admin> | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Those of the names that exist; all topics but Kafka's own without names. */
  async describe(names?: readonly string[]): Promise<BrokerTopic[]> {
    return this.#call('Reading the topics', async (admin) => {
      const known = new Set(await admin.listTopics());
      const found =
        names === undefined ? [...known].filter((n) => !n.startsWith('__')) : names.filter((n) => known.has(n));
      const topics: BrokerTopic[] = [];
      for (let at = 0; at < found.length; at += DESCRIBE_TOPICS_MAX) {
        topics.push(...(await describeSome(admin, found.slice(at, at + DESCRIBE_TOPICS_MAX))));
      }
      return topics;
    });
  }

  /** Makes topics. False: somebody else made some of them meanwhile, which is no error. */
  async create(topics: readonly NewTopic[]): Promise<boolean> {
    if (topics.length === 0) return true;
    return this.#call('Making topics', async (admin) => {
      try {
        return await admin.createTopics({
          waitForLeaders: true,
          timeout: CREATE_MS_MAX,
          topics: topics.map(({ name, partitions, replicas, config }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          })),
        });
      } catch (error) {
        const errors =
          error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
        const refused = errors.find((one) => REFUSALS.has(typeOf(one) ?? ''));
        if (refused === undefined) throw error;
        throw new LogError('LOG_TOPIC_INVALID', `The brokers refuse to make a topic: ${messageOf(refused)}`, {
          cause: error,
        });
      }
    });
  }

  /** Changes settings of a topic, and keeps the others that were set for it. */
  async configure(topic: BrokerTopic, changes: Readonly<Record<string, string>>): Promise<void> {
    // AlterConfigs, all that kafkajs knows, sets back to the default what it is not told.
    const entries = Object.entries({ ...topic.own, ...changes }).map(([name, value]) => ({ name, value }));
    await this.#call(`Changing topic ${topic.name}`, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic.name, configEntries: entries }],
      }),
    );
  }

  /** Drops the records before these offsets. */
  async deleteBefore(topic: string, positions: readonly { partition: number; offset: number }[]): Promise<void> {
    await this.#call(`Retention of topic ${topic}`, async (admin) => {
      await admin.fetchTopicOffsets(topic); // makes the library know the topic's leaders
      const partitions = positions.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
      await admin.deleteTopicRecords({ topic, partitions });
    });
  }

  /** False: it has members. Deleting a group that is not there is fine. */
  async deleteGroup(group: string): Promise<boolean> {
    return this.#call(`Deleting group ${group}`, async (admin) => {
      try {
        await admin.deleteGroups([group]);
        return true;
      } catch (error) {
        const groups = error instanceof Error && 'groups' in error && Array.isArray(error.groups) ? error.groups : [];
        const type = typeOf(groups[0]?.error) ?? typeOf(error);
        if (type === 'GROUP_ID_NOT_FOUND') return true;
        if (type === 'NON_EMPTY_GROUP') return false;
        throw error;
      }
    });
  }

  /** Does a broker answer? */
  async ping(): Promise<void> {
    const admin = this.#connected();
    try {
      await (await admin).describeCluster();
    } catch (error) {
      this.#drop(admin);
      throw error;
    }
  }

  async brokerCount(): Promise<number> {
    return this.#call('Counting the brokers', async (admin) => (await admin.describeCluster()).brokers.length);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const admin = this.#admin;
    this.#admin = undefined;
    await disconnect(admin);
  }

  async #call<T>(what: string, action: (admin: Admin) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#settings.timings.callMs;
    for (;;) {
      if (this.#closed) throw closedError();
      const admin = this.#connected();
      try {
        return await action(await admin);
      } catch (error) {
        if (!isLogError(error)) this.#drop(admin); // see connection.ts
        if (isFinal(error)) throw unavailable(what, error);
        if (performance.now() > until) throw unavailable(what, error);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  #connected(): Promise<Admin> {
    this.#admin ??= this.#connect();
    return this.#admin;
  }

  async #connect(): Promise<Admin> {
    const admin = this.#settings.client().admin();
    await admin.connect();
    return admin;
  }

  #drop(admin: Promise<Admin>): void {
    if (this.#admin !== admin) return; // another call did it
    this.#admin = undefined;
    void disconnect(admin);
  }
}

const REFUSALS = new Set([
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'INVALID_TOPIC_EXCEPTION',
]);

async function describeSome(admin: Admin, names: readonly string[]): Promise<BrokerTopic[]> {
  if (names.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const configs = new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]));
  return topics.map(({ name, partitions }) => {
    const entries = configs.get(name) ?? [];
    return {
      name,
      partitions: partitions.length,
      replicas: partitions[0]?.replicas.length ?? 0,
      config: Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue])),
      own: Object.fromEntries(
        entries
          .filter((entry) => entry.configSource === TOPIC_CONFIG_SOURCE)
          .map(({ configName, configValue }) => [configName, configValue]),
      ),
    };
  });
}

async function disconnect(admin: Promise<Admin> | undefined): Promise<void> {
  await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
}
