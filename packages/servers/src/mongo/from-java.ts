import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureJars, readJarList } from '../jars.ts';
import { findJava, type Java } from '../java.ts';
import { freePorts } from '../ports.ts';
import type { MongoServer, StartMongoOptions } from './mongo.ts';
import { StandIn } from './stand-in.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'stand-in', 'MongoStandIn.java');

/** Between the moment when a port was seen free and the server that takes it, somebody else may. */
const STARTS_MAX = 2;

/** A Java that also compiles: the stand-in is a source file. */
export async function findJavaCompiler(env: NodeJS.ProcessEnv): Promise<Java | undefined> {
  const java = await findJava(env);
  if (java === undefined) return undefined;
  const { stdout } = await promisify(execFile)(java.command, ['--list-modules']);
  return /^jdk\.compiler@/m.test(stdout) ? java : undefined;
}

/** The folder with the stand-in's classes, beside its jars: compiling takes longer than starting. Safe for several processes at once. */
async function ensureCompiled(java: Java, jars: string): Promise<string> {
  const name = createHash('sha256').update(readFileSync(SOURCE)).update(java.version).digest('hex').slice(0, 16);
  const classes = join(jars, `classes-${name}`);
  if (existsSync(classes)) return classes;
  const aside = mkdtempSync(join(jars, '.compiling-'));
  try {
    const files = readdirSync(jars).filter((file) => file.endsWith('.jar'));
    const classpath = files.map((file) => join(jars, file)).join(delimiter);
    const javac = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-d', aside, '-cp', classpath, SOURCE];
    await promisify(execFile)(java.command, javac);
    renameSync(aside, classes);
  } catch (error) {
    if (!existsSync(classes)) throw error; // else somebody else was first
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return classes;
}

/**
 * Not MongoDB: a small server that speaks its protocol, made durable and atomic for development and tests. It knows no
 * transactions, change streams or pipeline updates, and says nothing about MongoDB's speed.
 */
export async function startStandIn(java: Java, options: StartMongoOptions): Promise<MongoServer> {
  const { env = process.env, say = () => undefined, within = tmpdir() } = options;
  const list = readJarList('mongo');
  const jars = await ensureJars(list, env, say);
  const classes = await ensureCompiled(java, jars);
  for (let i = 1; ; i++) {
    const folder = mkdtempSync(join(within, 'coachloop-mongo-'));
    const [port = 0] = await freePorts(1, options.preferredPorts);
    const node = new StandIn({ java, classpath: [classes, join(jars, '*')], folder, port });
    const stop = async () => {
      await node.kill(); // nothing of it is kept: no need to be orderly
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await node.start();
    } catch (error) {
      await stop();
      if (i < STARTS_MAX) continue;
      throw error;
    }
    const description = `MongoDB stand-in (${list.name}, H2), Java ${java.version}`;
    return { address: `mongodb://127.0.0.1:${port}`, description, node, stop };
  }
}
