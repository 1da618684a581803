import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BenchError } from '../src/errors.ts';
import { checkWritable, readReportOf } from '../src/report/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'kept.json');
writeFileSync(file, JSON.stringify({ version: 1, measures: [{ name: 'kafka' }] }));

test('a report with a measure of the other page is not taken for one of this page', () => {
  expect(readReportOf(file, ['kafka', 'mongo']).measures).toHaveLength(1);
  expect(() => readReportOf(file, ['log', 'loop'])).toThrow(BenchError);
  expect(() => readReportOf(file, ['log', 'loop'])).toThrow('--kafka');
});

test('where figures cannot be written is known before they are made', () => {
  expect(() => checkWritable(join(folder, 'new.json'), ['kafka'])).not.toThrow();
  expect(() => checkWritable(file, ['kafka'])).not.toThrow();
  for (const wrong of [join(folder, 'none', 'new.json'), join(file, 'new.json'), folder])
    expect(() => checkWritable(wrong, ['kafka'])).toThrow(BenchError);
  expect(() => checkWritable(file, ['log'])).toThrow('--kafka');
});
