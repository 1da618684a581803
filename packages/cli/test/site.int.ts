/** What a site decides itself: a folder of files, read by `up`, `service`, `replay` and `score`. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '@coachloop/contracts/examples';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { readPolicy as readReviews } from '@coachloop/evaluation';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { readCatalogue, readPolicy as readTriggers } from '@coachloop/training-assignment';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allServices } from '../src/services.ts';
import { SITE_FILE_NAMES } from '../src/site/files.ts';
import { readSite } from '../src/site/read.ts';
import { cleanUp, coachloop, json, temporaryFolder } from './harness/command.ts';

afterAll(cleanUp);
let folder: string;
const change = (file: string, edit: (text: string) => string) =>
  writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), 'utf8')));

const emptied = (directory: string) => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
};

const FORM = `id: short
version: 7
title: { en: Short, zh: 短 }
languages: [any]
channels: [voice, chat]
passMark: 50
sections:
  - { id: s, title: { en: S, zh: 节 }, weight: 1, questions: [
      { id: bye, title: { en: Bye, zh: 再见 }, competency: leave-taking, weight: 1, rule: { said: { any: ['see you'] } } } ] }
`;
describe('a folder made by init', () => {
  let pristine: string;
  beforeAll(async () => {
    pristine = join(temporaryFolder(), 'site');
    expect(await coachloop(['site', 'init', pristine])).toMatchObject({ code: 0 });
  });
  beforeEach(() => {
    folder = join(temporaryFolder(), 'site');
    cpSync(pristine, folder, { recursive: true });
  });

  test('says what is shipped, and is not written over', async () => {
    expect(readdirSync(folder).sort()).toEqual([...SITE_FILE_NAMES].sort());
    const site = readSite(folder);
    expect(site.training).toEqual({ policy: readTriggers(), catalogue: readCatalogue() });
    expect(site.evaluation).toEqual({ policy: readReviews() });
    change('reviews.yaml', (text) => text.replace(/^version: \d+/m, 'version: 40'));
    expect(await coachloop(['site', 'init', folder])).toMatchObject({ code: 1 });
    expect(readSite(folder).evaluation.policy?.version).toBe(40);
  });

  test('what is removed from it is as shipped, and check tells which is which', async () => {
    for (const name of SITE_FILE_NAMES) if (name !== 'triggers.yaml') rmSync(join(folder, name), { recursive: true });
    change('triggers.yaml', (text) => text.replace(/^version: \d+/m, 'version: 41'));
    const { files, warnings } = await json<{
      files: { name: string; from: string; says: string }[];
      warnings: string[];
    }>(['site', 'check', folder]);
    expect(files).toContainEqual({ name: 'triggers.yaml', from: join(folder, 'triggers.yaml'), says: 'version 41' });
    expect(files.filter(({ from }) => from === 'as shipped')).toHaveLength(SITE_FILE_NAMES.length - 1);
    expect(warnings).toEqual([]);
  });

  test.each([
    [
      'a misspelt name',
      () => renameSync(join(folder, 'rules.yaml'), join(folder, 'rule.yaml')),
      'rules.yaml was meant',
      'SITE_INVALID',
    ],
    ['a folder without forms', () => emptied(join(folder, 'forms')), 'holds no form', 'SITE_INVALID'],
    [
      'a figure out of bounds',
      () => change('reviews.yaml', (text) => text.replace(/^passMark: .*/m, 'passMark: 101')),
      'reviews.yaml /passMark',
      'EVALUATION_CONFIG_INVALID',
    ],
    [
      'a rule without its text',
      () => change('templates.yaml', (text) => text.replace('case-opened:', 'case-begun:')),
      'case-opened is no template',
      'NOTIFICATION_CONFIG_INVALID',
    ],
    ['no YAML', () => change('courses.yaml', () => 'courses: ['), 'courses.yaml', 'TRAINING_CONFIG_INVALID'],
  ])('%s is refused, with its place', (_, spoil, said, code) => {
    spoil();
    expect(() => readSite(folder)).toThrow(expect.objectContaining({ message: expect.stringContaining(said), code }));
  });

  test('one that is refused stops the start before anything was begun', async () => {
    change('courses.yaml', () => 'courses: [');
    const env = { COACHLOOP_SITE: folder, COACHLOOP_DATA: join(folder, '..', 'data') };
    const { code, stderr } = await coachloop(['up', '--no-demo', '--port', '0'], { env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('courses.yaml') });
    expect(readdirSync(join(folder, '..'))).toEqual(['site']);
  });
});

describe('forms of a site', () => {
  beforeEach(() => {
    folder = join(temporaryFolder(), 'site');
    mkdirSync(folder);
  });

  test('stand in place of those shipped: for score, for the platform, and a competency without course is told', async () => {
    mkdirSync(join(folder, 'forms'));
    writeFileSync(join(folder, 'forms', 'short.v7.yaml'), FORM);
    const { warnings } = await json<{ warnings: string[] }>(['site', 'check', folder]);
    expect(warnings).toEqual([expect.stringContaining('leave-taking')]);

    const call = join(folder, '..', 'call.json');
    writeFileSync(call, JSON.stringify(EXAMPLES['call-events']['call.completed']));
    const scored = await json<{ form: object }[]>(['score', call], { env: { COACHLOOP_SITE: folder } });
    expect(scored).toMatchObject([{ form: { id: 'short', version: 7 } }]);

    const services = allServices({ customerKey: 'a', site: readSite(folder) });
    const platform = await Platform.start({
      ...{ services, log: createMemoryLog({ clock: systemClock }), store: createMemoryStore(), clock: systemClock },
      ...{ host: '127.0.0.1', port: null, logger: createLogger('silent'), version: 'test' },
    });
    const answer = await platform.app.inject({ url: '/qa/v1/scorecards', headers: { host: 'localhost' } });
    await platform.stop();
    expect(answer.json()).toMatchObject({ items: [{ id: 'short', version: 7 }] });
  });
});
