import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { kafkaOrigin, mongoOrigin } from '@coachloop/servers';
import { type RequirementName, requiredNames } from './required.ts';

/** What some tests need and a machine may lack: found or not, and then with the way to have it. */
export type Requirement = {
  name: RequirementName;
  found: boolean;
  notice: string;
};

const browserCommands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program file of a Chromium or Chrome: CHROME_PATH if it is set (and then nothing else), PATH, the usual places. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  if (env.CHROME_PATH) return isExecutable(env.CHROME_PATH) ? env.CHROME_PATH : undefined;
  return [...browserCommands.flatMap((command) => placesOnPath(env, command)), ...usualPlaces].find(isExecutable);
}

const placesOnPath = (env: NodeJS.ProcessEnv, command: string): string[] =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command));
const isOnPath = (env: NodeJS.ProcessEnv, command: string): boolean => placesOnPath(env, command).some(isExecutable);

/**
 * The environment that tests get. Its variables are part of turbo's cache key, so that a result with a browser or with
 * other samples is not taken for this one; the listing stands for the samples' content.
 */
export async function testEnvironment(
  env: NodeJS.ProcessEnv,
): Promise<{ env: Record<string, string>; requirements: Requirement[] }> {
  const chromium = findChromium(env);
  const wanted = env.COACHLOOP_SAMPLES;
  const samples = wanted === undefined || wanted === '' ? undefined : resolve(env.COACHLOOP_CWD ?? '.', wanted);
  const samplesFound = samples !== undefined && existsSync(samples);
  const [kafka, mongo] = await Promise.all([kafkaOrigin(env), mongoOrigin(env)]);
  const prometheus = isOnPath(env, 'prometheus') && isOnPath(env, 'promtool');
  const requirements: Requirement[] = [
    {
      name: 'browser',
      found: chromium !== undefined,
      notice: 'no Chromium or Chrome was found (on PATH or as CHROME_PATH): the browser test does not run',
    },
    {
      name: 'samples',
      found: samplesFound,
      notice: `${samples === undefined ? 'COACHLOOP_SAMPLES is not set' : `there is no folder ${samples} (COACHLOOP_SAMPLES)`}: tests with real recordings do not run`,
    },
    {
      name: 'kafka',
      found: kafka !== undefined,
      notice: 'neither KAFKA_BROKERS, nor Docker, nor Java 17 or later: tests on a real Kafka do not run',
    },
    {
      name: 'mongo',
      found: mongo !== undefined,
      notice: 'neither MONGODB_URI, nor Docker, nor a JDK 17 or later: tests on a MongoDB do not run',
    },
    {
      name: 'prometheus',
      found: prometheus,
      notice: 'there is no prometheus with its promtool on PATH: rules and dashboard are not tested',
    },
  ];
  return {
    // Empty rather than absent: an inherited value must not reach the tests.
    env: {
      COACHLOOP_CHROMIUM: chromium ?? '',
      COACHLOOP_SAMPLES: samplesFound ? samples : '',
      COACHLOOP_SAMPLES_LISTING: samplesFound ? listingHash(samples) : '',
      COACHLOOP_KAFKA_ORIGIN: kafka ?? '',
      COACHLOOP_MONGO_ORIGIN: mongo ?? '',
      COACHLOOP_PROMETHEUS: prometheus ? 'found' : '',
    },
    requirements,
  };
}

function listingHash(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of globSync('**/*', { cwd: folder }).sort()) {
    const { size, mtimeMs } = statSync(join(folder, entry));
    hash.update(`${entry}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The notices that COACHLOOP_TEST_REQUIRE makes failures. Throws on a name that is none. */
export function requiredButMissing(required: string | undefined, requirements: Requirement[]): Requirement[] {
  const names = requiredNames(required);
  return requirements.filter(({ name, found }) => names.includes(name) && !found);
}
