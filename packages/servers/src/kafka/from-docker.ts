import { freePorts } from '../ports.ts';
import type { KafkaServer, StartKafkaOptions } from './kafka.ts';
import { clusterSettings } from './properties.ts';

const IMAGE = 'apache/kafka:4.1.0';
const CLUSTER_ID = 'Y29hY2hsb29wLWthZmthLWc';

/** Containers through testcontainers, which removes them when we are gone. A port of the host each, the same inside and outside. */
export async function startKafkaFromDocker(options: StartKafkaOptions): Promise<KafkaServer> {
  const { brokers: count = 1 } = options;
  const { GenericContainer, Network, Wait } = await import('testcontainers');
  const network = await new Network().start();
  const ports = await freePorts(count, options.preferredPorts);
  const ids = ports.map((_, i) => i + 1);
  const voters = ids.map((id) => `${id}@kafka-${id}:29093`).join(',');
  const started = await Promise.all(
    ports.map((port, i) => {
      const id = i + 1;
      const listeners = `PLAINTEXT://0.0.0.0:${port},BROKER://kafka-${id}:29092,CONTROLLER://kafka-${id}:29093`;
      const settings = {
        'process.roles': 'broker,controller',
        'node.id': id,
        'controller.quorum.voters': voters,
        listeners,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},BROKER://kafka-${id}:29092`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'BROKER',
        'controller.listener.names': 'CONTROLLER',
        ...clusterSettings(Math.min(3, count)),
      };
      return new GenericContainer(IMAGE)
        .withNetwork(network)
        .withNetworkAliases(`kafka-${id}`)
        .withExposedPorts({ container: port, host: port })
        .withEnvironment({ CLUSTER_ID, ...asEnvironment(settings) })
        .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
        .start();
    }),
  );
  return {
    address: ports.map((port) => `127.0.0.1:${port}`).join(','),
    description: `${IMAGE}, ${count === 1 ? '1 broker' : `${count} brokers`}, Docker`,
    brokers: [],
    async stop() {
      await Promise.all(started.map((container) => container.stop()));
      await network.stop();
    },
  };
}

/** As the image reads its settings: `process.roles` is KAFKA_PROCESS_ROLES. */
function asEnvironment(settings: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      String(value),
    ]),
  );
}
