import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureJars, readJarList } from '../jars.ts';
import type { Java } from '../java.ts';
import { freePorts } from '../ports.ts';
import { Broker, DATA } from './broker.ts';
import { ensureClassArchive } from './class-archive.ts';
import type { KafkaServer, StartKafkaOptions } from './kafka.ts';
import { identity, type NodePlan, properties } from './properties.ts';

/** Between the moment when a port was seen free and the broker that takes it, somebody else may. */
const STARTS_MAX = 2;

/** A real Apache Kafka in KRaft mode from Maven Central, one process per broker, in a folder that goes with it. */
export async function startKafkaFromJava(java: Java, options: StartKafkaOptions): Promise<KafkaServer> {
  const { brokers: count = 1, env = process.env, lasting = false, say = () => undefined, secure } = options;
  const { within = tmpdir() } = options;
  const list = readJarList('kafka');
  const jars = await ensureJars(list, env, say);
  const jvm = [`-XX:SharedArchiveFile=${await ensureClassArchive(java, jars, say)}`];
  for (let i = 1; ; i++) {
    const folder = mkdtempSync(join(within, 'coachloop-kafka-'));
    const ports = await freePorts(2 * count + 1, options.preferredPorts);
    const securePort = ports[2 * count] ?? 0;
    const nodes = Array.from(
      { length: count },
      (_, i): NodePlan => ({
        id: i + 1,
        port: ports[i] ?? 0,
        controllerPort: ports[count + i] ?? 0,
        ...(secure ? { secure: { ...secure, port: securePort } } : {}),
      }),
    );
    const clusterId = randomBytes(16).toString('base64url');
    const brokers = nodes.map((node) => {
      const own = join(folder, String(node.id));
      const name = `Kafka broker ${node.id}`;
      return new Broker({
        java,
        jars,
        folder: own,
        name,
        lasting,
        jvm,
        properties: properties(node, nodes, join(own, DATA)),
        identity: identity(node, clusterId),
      });
    });
    const stop = async () => {
      await Promise.all(brokers.map((broker) => broker.kill())); // nothing of it is kept: no need to be orderly
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await Promise.all(brokers.map((broker) => broker.start()));
      if (secure && brokers[0]) await addScramUser(brokers[0], nodes[0]?.port ?? 0, secure);
    } catch (error) {
      await stop();
      if (i < STARTS_MAX) continue;
      throw error;
    }
    return {
      address: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
      description: `Apache Kafka ${list.name.replace('kafka-', '')}, ${count === 1 ? '1 broker' : `${count} brokers`}, Java ${java.version}`,
      brokers,
      ...(secure ? { secureAddress: `127.0.0.1:${securePort}` } : {}),
      stop,
    };
  }
}

/** SCRAM's users are kept by the brokers themselves. */
async function addScramUser(
  broker: Broker,
  port: number,
  { username, password }: NonNullable<StartKafkaOptions['secure']>,
) {
  const target = ['--bootstrap-server', `127.0.0.1:${port}`, '--entity-type', 'users', '--entity-name', username];
  // One at a time: a request with two credentials of a user is refused.
  for (const bits of ['256', '512']) {
    const change = ['--alter', '--add-config', `SCRAM-SHA-${bits}=[password=${password}]`];
    await broker.tool(/Completed updating config/, 'kafka.admin.ConfigCommand', ...target, ...change);
  }
}
