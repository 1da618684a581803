import type {} from '@coachloop/servers/vitest/kafka';
import kafkajs, {
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type Kafka,
  type KafkaConfig,
  type Producer,
} from 'kafkajs';
import { inject, onTestFinished } from 'vitest';
import type { EventLog } from '../../src/index.ts';
import { type KafkaLogOptions, type Notice, openKafkaLog } from '../../src/kafka/index.ts';

/** Empty where there is no Kafka: then these tests are skipped, with the notice of the set-up. */
export const brokers = inject('kafka')
  .split(',')
  .filter((broker) => broker !== '');

export interface Opened {
  readonly log: EventLog;
  readonly notices: Notice[];
  /** Those that tell of a consumer or producer that was rebuilt. */
  rebuilt(): string[];
}

export function openLog(options: Partial<KafkaLogOptions> = {}): Opened {
  const notices: Notice[] = [];
  const log = openKafkaLog({
    brokers,
    clock: { now: () => Date.now() },
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  onTestFinished(() => log.close());
  const rebuilt = () => notices.map(({ message }) => message).filter((message) => message.includes('rebuilt'));
  return { log, notices, rebuilt };
}

/** As an operator does with the tools of Kafka: these settings, and the brokers' defaults for all others. */
export async function configure(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries };
  await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  await admin.disconnect();
}

interface Faults {
  /** `nth` counts the consumers that join this test's group, from 0. */
  readonly consumer?: (consumer: Consumer, nth: number) => Partial<Consumer>;
  readonly producer?: (producer: Producer, nth: number) => Partial<Producer>;
  /** What requests go by that need no group: lent to the assigner of a consumer that never runs. */
  readonly cluster?: (cluster: Cluster) => Partial<Cluster>;
}

/** The real library, with a fault laid over some of its methods. */
export function withFaults({ consumer, producer, cluster }: Faults): (config: KafkaConfig) => Kafka {
  let consumers = 0;
  let producers = 0;
  return (config) => {
    const kafka = new kafkajs.Kafka(config);
    const [makeConsumer, makeProducer] = [kafka.consumer.bind(kafka), kafka.producer.bind(kafka)];
    kafka.consumer = (options) => {
      const counted = options?.groupId !== 'none'; // the one that only lends its connection
      const made = makeConsumer(
        counted || !cluster || !options ? options : { ...options, ...lending(options, cluster) },
      );
      return counted && consumer ? { ...made, ...consumer(made, consumers++) } : made;
    };
    kafka.producer = (options) => {
      const made = makeProducer(options);
      return producer ? { ...made, ...producer(made, producers++) } : made;
    };
    return kafka;
  };
}

/** Assigners that are lent a cluster with a fault over it. */
const lending = (
  { partitionAssigners = [] }: ConsumerConfig,
  fault: NonNullable<Faults['cluster']>,
): Pick<ConsumerConfig, 'partitionAssigners'> => ({
  partitionAssigners: partitionAssigners.map((assigner) => (config) => {
    const { cluster } = config;
    const faults = fault(cluster);
    const faulty = new Proxy(cluster, {
      get: (target, name) => {
        const value: unknown = Reflect.get(faults, name) ?? Reflect.get(target, name);
        return typeof value === 'function' && !Reflect.has(faults, name) ? value.bind(target) : value;
      },
    });
    return assigner({ ...config, cluster: faulty });
  }),
});
