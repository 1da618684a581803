import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Java } from '../java.ts';
import { freePorts } from '../ports.ts';
import { Broker, DATA } from './broker.ts';
import { identity, type NodePlan, properties } from './properties.ts';

/**
 * The file beside the jars with Kafka's classes as this Java has them once loaded: with it a start costs half the processor time.
 * Made once, by a broker that starts and stops. Safe for several processes at once; where Java makes none, Kafka runs without.
 */
export async function ensureClassArchive(java: Java, jars: string, say: (line: string) => void): Promise<string> {
  const name = createHash('sha256').update(`${java.command} ${java.version} ${jars}`).digest('hex').slice(0, 16);
  const archive = join(jars, `classes-${name}.jsa`);
  if (existsSync(archive)) return archive;
  say('Making an archive of the classes of Kafka, once');
  const folder = mkdtempSync(join(jars, '.archiving-'));
  try {
    const made = join(folder, 'classes.jsa');
    const broker = await brokerAlone(java, jars, folder, [`-XX:ArchiveClassesAtExit=${made}`]);
    await broker.start();
    if ((await broker.stop()) && existsSync(made)) renameSync(made, archive);
  } catch (error) {
    say(`No archive of the classes of Kafka, it starts without: ${error}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return archive;
}

async function brokerAlone(java: Java, jars: string, folder: string, jvm: readonly string[]): Promise<Broker> {
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const node: NodePlan = { id: 1, port, controllerPort };
  return new Broker({
    java,
    jars,
    folder,
    name: 'The Kafka broker whose classes are archived',
    lasting: false,
    jvm,
    properties: properties(node, [node], join(folder, DATA)),
    identity: identity(node, randomBytes(16).toString('base64url')),
  });
}
