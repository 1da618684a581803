import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BenchError } from '../src/errors.ts';
import { pageWith, picturesOf, type Report, readReport, suiteOf } from '../src/index.ts';
import { rowsOf } from '../src/report/report.ts';
import { CONDITIONS } from './conditions.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');

const spec = {
  name: 'log',
  title: 'Log & <rows>',
  rounds: 2,
  rows: [
    { key: 'raw', name: 'raw', unit: 'x/s' },
    { key: 'port', name: 'port', unit: 'x/s', over: 'raw', goal: { atLeast: 0.8, of: 'ratio' } },
  ],
  round: async () => ({}),
} as const;
const report: Report = {
  version: 1,
  measures: [
    {
      name: spec.name,
      title: spec.title,
      rows: rowsOf(spec, [
        { raw: 1000, port: 900 },
        { raw: 1000, port: 500 },
      ]),
      notes: ['a note'],
      rounds: 2,
      ...CONDITIONS,
    },
  ],
};

test('figures take the place of those between the markers, again and again the same', () => {
  const once = pageWith('before\n\n<!-- bench:log -->\nold\n<!-- bench:end -->\n\nafter', report);
  expect(once).toContain(
    '| port | 700 x/s | 500–900 | 0.700 × | 0.500–0.900 | raw | ≥ 0.8 ×: missed, met in 1 of 2 rounds |',
  );
  expect(once).toContain('2 rounds on 2026-01-02 at commit abc1234; P, 2 cores, 4 GiB');
  expect(once).not.toContain('old');
  expect(once.startsWith('before\n') && once.endsWith('\nafter')).toBe(true);
  expect(pageWith(once, report)).toBe(once);
});

test('a measure that is not in the report says so, a marker without an end is an error', () => {
  expect(pageWith('<!-- bench:sse -->\n<!-- bench:end -->', report)).toContain('Not measured yet.');
  expect(() => pageWith('<!-- bench:log -->\n', report)).toThrow(BenchError);
});

test('the page tells of which commits its tables are', () => {
  const commitsOf = (...commits: readonly string[]) =>
    pageWith('<!-- bench:commits -->\n<!-- bench:end -->', {
      version: 1,
      measures: commits.flatMap((commit) => report.measures.map((measure) => ({ ...measure, commit }))),
    });
  expect(commitsOf('abc', 'abc')).toContain('All tables are of commit `abc`.');
  expect(commitsOf('abc', 'def', 'abc')).toContain('the commits `abc` (log, log) and `def` (log).');
  expect(commitsOf()).toContain('Nothing is measured yet.');
});

test('what others had of the machine is told, and that it was too much', () => {
  const [measure] = report.measures;
  const page = (more: object) =>
    pageWith('<!-- bench:log -->\n<!-- bench:end -->', {
      version: 1,
      measures: measure ? [{ ...measure, ...more }] : [],
    });
  expect(page({})).toContain('1.5 after; what other processes had of the cores was not looked at.');
  const others = { median: 0.4, min: 0, max: 0.5, values: [0.4, 0, 0.5] };
  const busy = page({ others, busy: 'so it was' });
  expect(busy).toContain('1.5 after; other processes had 40 % of the cores (0 % to 50 %).');
  expect(busy).toContain('\n\n**The machine was busy: so it was. What depends on time is not judged.**\n\n');
  expect(busy).toContain('≥ 0.8 ×: not judged: the machine was busy |');
});

test('the table of one round has no spread', () => {
  const [measure] = report.measures;
  const one: Report = {
    version: 1,
    measures: measure ? [{ ...measure, rounds: 1, rows: rowsOf(spec, [{ raw: 1000, port: 900 }]) }] : [],
  };
  const page = pageWith('<!-- bench:log -->\n<!-- bench:end -->', one);
  expect(page).toContain('|  | median | ratio | of | goal |');
  expect(page).toContain('| port | 900 x/s | 0.900 × | raw | ≥ 0.8 ×: met |');
});

test('figures that nothing divides have a table and no picture', () => {
  const rows = rowsOf({ ...spec, rows: [{ key: 'raw', name: 'raw', unit: 's' }] }, [{ raw: 3 }]);
  const [measure] = report.measures;
  const plain = { ...report, measures: measure ? [{ ...measure, rows }] : [] };
  expect(picturesOf(plain).size).toBe(0);
  const page = pageWith('<!-- bench:log -->\n<!-- bench:end -->', plain);
  expect(page).toContain('| raw | 3.00 s |');
  expect(page).not.toContain('.svg');
});

describe.each([
  ['embedded', suiteOf(false)],
  ['Kafka', suiteOf(true)],
])('the page of the figures on %s', (_name, { page: name, measures }) => {
  const page = readFileSync(resolve(DOCS, `${name}.md`), 'utf8');

  test('has a place for each measure', () => {
    const places = [...page.matchAll(/<!-- bench:(?!end|commits)([a-z]+) -->/g)].map(([, place]) => place);
    expect(places.sort()).toEqual(measures.map((measure) => measure.name).sort());
  });

  test('and its pictures are what the kept figures say', () => {
    const kept = readReport(resolve(DOCS, `${name}.json`));
    expect(page, `run \`npm run bench -- --draw docs/${name}.json\``).toBe(pageWith(page, kept));
    for (const [file, picture] of picturesOf(kept))
      expect(readFileSync(resolve(DOCS, 'images', file), 'utf8')).toBe(picture);
  });
});
