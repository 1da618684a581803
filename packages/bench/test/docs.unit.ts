import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { BenchError } from '../src/errors.ts';
import { type Report, readReport } from '../src/index.ts';
import { drawDocs } from '../src/report/docs.ts';
import { reportText } from '../src/report/json.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');
const PAGE = 'benchmarks';
const docs = mkdtempSync(join(tmpdir(), 'bench-docs-'));
const [page, figures] = [join(docs, `${PAGE}.md`), join(docs, `${PAGE}.json`)];
afterAll(() => rmSync(docs, { recursive: true, force: true }));
beforeEach(() => {
  mkdirSync(join(docs, 'images'), { recursive: true });
  for (const ending of ['.md', '.json']) cpSync(join(DOCS, PAGE + ending), join(docs, PAGE + ending));
});

test.each(['benchmarks', 'benchmarks-kafka'])('%s.json is kept as it is written', (name) => {
  const file = join(DOCS, `${name}.json`);
  expect(reportText(readReport(file))).toBe(readFileSync(file, 'utf8'));
});

test('many values fill their lines, notes that are long together have one each', () => {
  const [first] = readReport(figures).measures;
  if (!first) throw new Error('Nothing was measured.');
  const { others: _, ...measure } = first;
  const values = Array.from({ length: 12 }, (_, i) => i + 1 / 3);
  const rows = [{ key: 'x', name: 'x', unit: 's', figure: { median: 6, min: 0, max: 12, values } }];
  const notes = ['n'.repeat(60), 'm'.repeat(60)];
  const report: Report = { version: 1, measures: [{ ...measure, rows, notes }] };
  const text = reportText(report);
  expect(JSON.parse(text)).toEqual(report);
  expect(text).toContain(`"notes": [\n        "${notes[0]}",\n        "${notes[1]}"\n      ],`);
  expect(text.split('\n').every(({ length }) => length <= 120)).toBe(true);
  expect(text.split('\n').filter((line) => /^ +\d/.test(line))).toHaveLength(3);
});

test('what is drawn is told, and drawn from itself nothing changes', () => {
  const before = [page, figures].map((file) => readFileSync(file, 'utf8'));
  expect(drawDocs(docs, PAGE, readReport(figures))).toContain(page);
  expect([page, figures].map((file) => readFileSync(file, 'utf8'))).toEqual(before);
});

test('drawn into another folder it has page, figures and pictures, and the docs are left alone', () => {
  const [other, own] = [join(docs, 'other'), readFileSync(page, 'utf8')];
  const [measure] = readReport(figures).measures;
  const some: Report = { version: 1, measures: measure ? [measure] : [] };
  drawDocs(other, PAGE, some, docs);
  expect(readFileSync(join(other, `${PAGE}.md`), 'utf8')).toContain('Not measured yet.');
  expect(readReport(join(other, `${PAGE}.json`))).toEqual(some);
  expect(existsSync(join(other, 'images', `bench-${measure?.name}.svg`))).toBe(true);
  expect(readFileSync(page, 'utf8')).toBe(own);
});

test('a folder in which nothing can be written is told in words, and nothing is', () => {
  const own = readFileSync(page, 'utf8');
  const before = { version: 1, measures: readReport(figures).measures } as const;
  expect(() => drawDocs(figures, PAGE, before, docs)).toThrow(BenchError);
  expect(() => drawDocs(figures, PAGE, before, docs)).toThrow('--into');
  // A picture that is in the way comes after the page, which stays as it is.
  const held = join(docs, 'held');
  mkdirSync(join(held, 'images', 'bench-loop.svg'), { recursive: true });
  expect(() => drawDocs(held, PAGE, before, docs)).toThrow('bench-loop.svg cannot be written');
  expect(existsSync(join(held, `${PAGE}.md`))).toBe(false);
  expect(readFileSync(page, 'utf8')).toBe(own);
});

const { measures } = readReport(join(DOCS, `${PAGE}.json`));
test.each([
  ['of a quick run', measures.map((measure) => ({ ...measure, quick: measure.name === 'start' })), '--quick'],
  ['that lack some of the page', measures.filter(({ name }) => name === 'start'), '--json'],
])('figures %s are refused, and nothing is written', (_what, given, wayOut) => {
  writeFileSync(page, 'untouched');
  const draw = () => drawDocs(docs, PAGE, { version: 1, measures: given });
  expect(draw).toThrow(BenchError);
  expect(draw).toThrow(wayOut);
  expect(readFileSync(page, 'utf8')).toBe('untouched');
  expect(readReport(figures).measures).toEqual(measures);
});
