import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaOrigin } from '../src/index.ts';
import { ensureJars, readJarList } from '../src/jars.ts';
import { findJava } from '../src/java.ts';
import { ensureClassArchive } from '../src/kafka/class-archive.ts';

const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '', DOCKER_HOST: 'unix:///nowhere' });

test.skipIf(origin !== 'java')('the classes of Kafka are archived once, and Java takes them', async () => {
  const java = await findJava(process.env);
  if (java === undefined) throw new Error('Kafka comes from Java, and there is none.');
  const jars = await ensureJars(readJarList('kafka'), process.env, () => undefined);
  const archive = await ensureClassArchive(java, jars, () => undefined);
  const said: string[] = [];
  expect(await ensureClassArchive(java, jars, (line) => said.push(line))).toBe(archive);
  expect(said).toEqual([]);
  // With `on`, a Java that does not want the archive says so and ends.
  const options = ['-Xshare:on', '-XX:+UseSerialGC', `-XX:SharedArchiveFile=${archive}`, '-cp', join(jars, '*')];
  const { status, stderr } = spawnSync(java.command, [...options, '-version'], { encoding: 'utf8' });
  expect(stderr).toContain(java.version);
  expect(status).toBe(0);
});
