/** On a busy machine, and of a quick run, nothing is said of goals. */
import { expect, test } from 'vitest';
import { measured } from '../src/bench.ts';
import type { MeasureSpec } from '../src/measure.ts';
import { MACHINE } from '../src/report/busy.ts';
import { draw } from '../src/report/draw.ts';
import { textTable } from '../src/report/table.ts';

const spec: MeasureSpec = {
  name: 'log',
  title: 'Log',
  rounds: 2,
  rows: [
    { key: 'raw', name: 'raw', unit: 'x/s' },
    { key: 'port', name: 'port', unit: 'x/s', over: 'raw', goal: { atLeast: 0.8, of: 'ratio' } },
    { key: 'rss', name: 'rss', unit: 'MiB', goal: { atMost: 10, of: 'figure' } },
  ],
  round: async () => ({ raw: 100, port: 90, rss: 5 }),
};

/** @param others what they have at each look, in turn */
async function measuredWith({ load = 0, others = [0], isFirst = true, quick = false }) {
  const said: string[] = [];
  const looks = [...others];
  const watch = { load: () => load, others: async () => looks.shift() ?? 0 };
  const options = { quick, runs: null, calls: null };
  const report = await measured(spec, options, { greatest: null, isFirst }, (text) => said.push(text), watch);
  return { report, said: said.join('\n'), table: textTable(report), picture: draw(report) };
}

test('on a machine that is at rest goals are judged', async () => {
  const { report, said, table } = await measuredWith({ load: 0.2, others: [0.02, 0.9, 0.04] });
  expect(report.busy).toBeUndefined();
  expect(report.others).toEqual({ median: 0.04, min: 0.02, max: 0.9, values: [0.02, 0.9, 0.04] });
  expect(table).toContain('≥ 0.8 ×: met');
  expect(table).toContain('other processes had 4 % of the cores (2 % to 90 %)');
  expect(said).not.toContain('busy');
  expect(said).toContain('other processes have 90 % of the cores');
});

test.each([
  ['the load before the first measure is high', { load: 999 }, /^load average 999 before it, on \d+ cores$/],
  ['others have much between the rounds', { isFirst: false, others: [0.6, 0.1, 0.5] }, /^other processes had 50 % /],
])('where %s that is told, and time is not judged', async (_, given, why) => {
  const { report, table, picture } = await measuredWith(given);
  expect(report.busy).toMatch(why);
  expect(table).toContain('≥ 0.8 ×: not judged: the machine was busy');
  expect(table).toContain(`The machine was busy: ${report.busy}.`);
  expect(table).toContain('≤ 10 MiB: met');
  expect(picture).toContain('>not judged: the machine was busy<');
  expect(picture).toContain('goal not judged');
});

test('a busy machine is told before anything is measured', async () => {
  const { said } = await measuredWith({ load: 999 });
  expect(said.indexOf('the machine is busy')).toBeLessThan(said.indexOf('round 1'));
  expect(said).toContain('the machine is busy (load average 999');
});

test('the load that the bench itself has made does not count', async () => {
  expect((await measuredWith({ load: 999, isFirst: false })).report.busy).toBeUndefined();
});

test('of a quick run nothing is judged', async () => {
  const { report, table } = await measuredWith({ load: 999, others: [1, 1, 1], quick: true });
  expect(table).toContain('≥ 0.8 ×: not judged: a quick run');
  expect(table).toContain('≤ 10 MiB: not judged: a quick run');
  expect(report).not.toHaveProperty('others');
});

test('what others have is a share of all cores', { timeout: 60_000 }, async () => {
  const share = await MACHINE.others();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1.1);
});
