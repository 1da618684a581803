import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureJars, readJarList } from '../jars.ts';
import type { Java } from '../java.ts';
import { freePorts } from '../ports.ts';
import { Broker, DATA } from './broker.ts';
import type { KafkaServer, StartKafkaOptions } from './kafka.ts';
import { identity, type NodePlan, properties } from './properties.ts';

/** Between the moment when a port was seen free and the broker that takes it, somebody else may. */
const STARTS_MAX = 2;

/** A real Apache Kafka in KRaft mode from Maven Central, one process per broker, in a folder that goes with it. */
export async function startKafkaFromJava(java: Java, options: StartKafkaOptions): Promise<KafkaServer> {
  const { brokers: count = 1, env = process.env, lasting = false, say = () => undefined } = options;
  const list = readJarList('kafka');
  const jars = await ensureJars(list, env, say);
  for (let i = 1; ; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'coachloop-kafka-'));
    const ports = await freePorts(2 * count, options.preferredPorts);
    const nodes = Array.from(
      { length: count },
      (_, i): NodePlan => ({ id: i + 1, port: ports[i] ?? 0, controllerPort: ports[count + i] ?? 0 }),
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
    } catch (error) {
      await stop();
      if (i < STARTS_MAX) continue;
      throw error;
    }
    return {
      address: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
      description: `Apache Kafka ${list.name.replace('kafka-', '')}, ${count === 1 ? '1 broker' : `${count} brokers`}, Java ${java.version}`,
      brokers,
      stop,
    };
  }
}
