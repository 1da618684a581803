import { randomBytes } from 'node:crypto';

/** The server.properties of one node, broker and controller at once, for development and tests: small, quick to start. */
export interface NodePlan {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly secure?: SecurePlan;
}

/** One more listener, with TLS and SASL. */
export interface SecurePlan {
  readonly port: number;
  /** File with key and certificate, PEM. */
  readonly keystore: string;
  readonly username: string;
  readonly password: string;
}

export function properties(node: NodePlan, all: readonly NodePlan[], logFolder: string): string {
  const replicas = Math.min(3, all.length);
  const { secure } = node;
  const clients = `PLAINTEXT://127.0.0.1:${node.port}${secure ? `,SASL_SSL://127.0.0.1:${secure.port}` : ''}`;
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': all.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    listeners: `${clients},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': clients,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logFolder,
    ...(secure ? secureSettings(secure) : {}),
    ...clusterSettings(replicas),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function secureSettings({ keystore, username, password }: SecurePlan): Record<string, string> {
  const security = 'org.apache.kafka.common.security';
  const scram = `${security}.scram.ScramLoginModule required;`;
  return {
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required user_${username}="${password}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scram,
  };
}

/** What does not depend on where the broker runs. */
export function clusterSettings(replicas: number): Record<string, string | number | boolean> {
  return {
    // A typing error in a topic's name must be an error, as on any well-kept cluster.
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    // Tests start groups all the time; nobody else is about to join.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // A broker that was killed is missed after this: leader changes within seconds.
    'broker.session.timeout.ms': 5000,
    'broker.heartbeat.interval.ms': 500,
    'delete.topic.enable': true,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
}

/** What makes a folder a node's, once and for all. */
export function identity({ id }: NodePlan, clusterId: string): string {
  const directoryId = randomBytes(16).toString('base64url');
  return `version=1\ncluster.id=${clusterId}\nnode.id=${id}\ndirectory.id=${directoryId}\n`;
}
