import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Kafka 4 brokers need it. */
const JAVA_MIN = 17;

export interface Java {
  readonly command: string;
  /** As it calls itself: `17.0.15`. */
  readonly version: string;
}

/** The Java of JAVA_HOME, else of PATH; undefined if there is none or it is too old. */
export async function findJava(env: NodeJS.ProcessEnv): Promise<Java | undefined> {
  const command = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  try {
    const { stderr } = await promisify(execFile)(command, ['-version']);
    const version = /version "([^"]+)"/.exec(stderr)?.[1] ?? '';
    return Number.parseInt(version, 10) >= JAVA_MIN ? { command, version } : undefined;
  } catch {
    return undefined; // not there, or not to be run: the same to whoever asks
  }
}
