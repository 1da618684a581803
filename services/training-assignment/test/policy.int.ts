import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  DEFAULT_CATALOGUE_FILE,
  DEFAULT_POLICY_FILE,
  readCatalogue,
  readPolicy,
  TrainingConfigError,
} from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'coachloop-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
function altered(file: string, from: string, to: string): string {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  const copy = join(folder, `${from.length}-${to.length}.yaml`);
  writeFileSync(copy, text.replace(from, to));
  return copy;
}

test('the default catalogue has three courses in two languages for each of the seven competencies', () => {
  const { competencies } = readCatalogue();
  expect(competencies).toHaveLength(7);
  for (const { courses } of competencies) {
    expect(courses.map((c) => c.kind)).toEqual(['theory', 'case', 'practice']);
    for (const c of courses) expect(c.titleZh).toMatch(/\p{Script=Han}/u);
  }
  const ids = competencies.flatMap((c) => c.courses.map((course) => course.id));
  expect(new Set(ids).size).toBe(21);
});

test('a changed policy file takes effect', () => {
  expect(readPolicy(altered(DEFAULT_POLICY_FILE, 'coolDownDays: 28', 'coolDownDays: 14')).coolDownDays).toBe(14);
});

test('a policy from before the rule on levels is still read, and does without it', () => {
  const before = DEFAULT_POLICY_FILE.replace('v2', 'v1');
  expect(readPolicy(before)).toMatchObject({ version: 1, rules: { 'critical-failure': { fails: 1 } } });
  expect(readPolicy(before).rules).not.toHaveProperty('low-level');
});

test.each([
  ['a wrong type', 'dueDays: 7', 'dueDays: soon', '/dueDays'],
  ['an unknown field', 'repeats: 2', 'repeatz: 2', '/repeats'],
  ['a rule that looks back further than the window', 'windowCalls: 20', 'windowCalls: 3', '/windowCalls'],
  ['more calls needed than looked at', 'minCalls: 5', 'minCalls: 7', '/rules/low-moving-score/minCalls'],
  ['more calls needed for a level than looked at', 'minCalls: 6', 'minCalls: 21', '/rules/low-level/minCalls'],
  ['a confidence that nobody has a quantile for', 'confidence: 0.95', 'confidence: 0.5', '/rules/low-level/confidence'],
  ['broken YAML', 'version: 2', 'version: [2', 'yaml'],
])('%s stops the start, naming the file and the place', (_what, from, to, place) => {
  const file = altered(DEFAULT_POLICY_FILE, from, to);
  expect(() => readPolicy(file)).toThrow(TrainingConfigError);
  expect(() => readPolicy(file)).toThrow(place);
  expect(() => readPolicy(file)).toThrow(file);
});

test('a competency that is there twice stops the start', () => {
  const file = altered(DEFAULT_CATALOGUE_FILE, 'competency: call-control', 'competency: opening-closing');
  expect(() => readCatalogue(file)).toThrow('opening-closing is there twice');
});
