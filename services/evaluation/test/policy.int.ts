import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_POLICY_FILE, EvaluationConfigError, readPolicy } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'coachloop-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
function altered(from: string, to: string): string {
  const text = readFileSync(DEFAULT_POLICY_FILE, 'utf8');
  expect(text).toContain(from);
  const copy = join(folder, `${from.length}-${to.length}.yaml`);
  writeFileSync(copy, text.replace(from, to));
  return copy;
}

test('a changed policy file takes effect', () => {
  expect(readPolicy(altered('passMark: 75', 'passMark: 80')).passMark).toBe(80);
});

test.each([
  ['a wrong type', 'passMark: 75', 'passMark: high', '/passMark'],
  ['an unknown field', 'repeats: 2', 'repeatz: 2', '/repeats'],
  ['fewer calls kept than compared', 'keepCalls: 40', 'keepCalls: 10', '/keepCalls'],
  ['more calls needed before than taken', 'minCalls: 2', 'minCalls: 21', '/before/minCalls'],
  ['broken YAML', 'version: 3', 'version: [3', 'yaml'],
])('%s stops the start, naming the file and the place', (_what, from, to, place) => {
  const file = altered(from, to);
  expect(() => readPolicy(file)).toThrow(EvaluationConfigError);
  expect(() => readPolicy(file)).toThrow(place);
  expect(() => readPolicy(file)).toThrow(file);
});
