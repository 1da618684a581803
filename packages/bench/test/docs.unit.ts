import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const { measures } = readReport(figures);
  const values = Array.from({ length: 12 }, (_, i) => i + 1 / 3);
  const rows = [{ key: 'x', name: 'x', unit: 's', figure: { median: 6, min: 0, max: 12, values } }];
  const notes = ['n'.repeat(60), 'm'.repeat(60)];
  const report: Report = { version: 1, measures: measures.slice(0, 1).map((measure) => ({ ...measure, rows, notes })) };
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
