import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium, requiredButMissing, testEnvironment } from '../lib/requirements.ts';
import { temporaryFolder } from './project.ts';

function program(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

test('a browser is found on PATH, and CHROME_PATH goes before it', () => {
  const folder = temporaryFolder();
  const chromium = program(folder, 'chromium');
  const other = program(folder, 'my-browser');
  expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(chromium);
  expect(findChromium({ PATH: folder, CHROME_PATH: other })).toBe(other);
});

test('a CHROME_PATH that is no program is not replaced by another browser', () => {
  const folder = temporaryFolder();
  program(folder, 'chromium');
  expect(findChromium({ PATH: folder, CHROME_PATH: join(folder, 'missing') })).toBeUndefined();
});

test('the folder of samples belongs to where the user stands', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  const { env, requirements } = await testEnvironment({ COACHLOOP_SAMPLES: 'data', COACHLOOP_CWD: folder });
  expect(env.COACHLOOP_SAMPLES).toBe(join(folder, 'data'));
  expect(requirements.find(({ name }) => name === 'samples')?.found).toBe(true);
});

test('other samples make another environment, so that turbo does not answer from its cache', async () => {
  const folder = temporaryFolder();
  const before = (await testEnvironment({ COACHLOOP_SAMPLES: folder })).env;
  writeFileSync(join(folder, 'new.json'), '{}');
  expect((await testEnvironment({ COACHLOOP_SAMPLES: folder })).env).not.toEqual(before);
});

test('what is missing is a notice, unless it is required', async () => {
  const samples = join(temporaryFolder(), 'missing');
  const { env, requirements } = await testEnvironment({
    COACHLOOP_SAMPLES: samples,
    CHROME_PATH: samples,
    JAVA_HOME: samples,
    DOCKER_HOST: `unix://${samples}`,
  });
  expect(env).toMatchObject({ COACHLOOP_SAMPLES: '', COACHLOOP_CHROMIUM: '' });
  expect(requirements.map(({ found }) => found)).toEqual(requirements.map(() => false));
  expect(requirements).not.toHaveLength(0);
  expect(requiredButMissing(undefined, requirements)).toEqual([]);
  expect(requiredButMissing('samples', requirements).map(({ name }) => name)).toEqual(['samples']);
  expect(requiredButMissing('browser, samples', requirements)).toHaveLength(2);
});

test('the platform, which refuses variables that it does not know, starts in the environment of the tests', async () => {
  const { env } = await testEnvironment({});
  const main = join(import.meta.dirname, '../../packages/cli/src/main.ts');
  const { PATH } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [main, 'config', '--json'], {
    env: { PATH, ...filled(env) },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** What is empty counts as not set. */
const filled = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.keys(env).map((name) => [name, 'x']));

test('a requirement that does not exist is refused, for it would require nothing', async () => {
  const { requirements } = await testEnvironment({});
  expect(() => requiredButMissing('browsers', requirements)).toThrow(
    '"browsers"; it may name browser, samples, kafka, mongo',
  );
});

test('a Kafka that is named goes before one that could be started', async () => {
  const { env } = await testEnvironment({ KAFKA_BROKERS: 'broker:9092', PATH: process.env.PATH ?? '' });
  expect(env.COACHLOOP_KAFKA_ORIGIN).toBe('environment');
});
