/** Runs measures, round by round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasureSpec } from './measure.ts';
import type { Options } from './options.ts';
import { commit, load, machine } from './report/machine.ts';
import { withRanges } from './report/notes.ts';
import { type MeasureReport, rowsOf } from './report/report.ts';

/** What measures of one run tell those that follow. */
export interface Known {
  greatest: number | null;
}

export async function measured(
  spec: MeasureSpec,
  { quick, runs, calls }: Pick<Options, 'quick' | 'runs' | 'calls'>,
  known: Known,
  say: (text: string) => void,
): Promise<MeasureReport> {
  const rounds = runs ?? (quick ? 1 : spec.rounds);
  const notes: string[] = [];
  const before = load();
  const startMs = performance.now();
  const found = [];
  for (let n = 1; n <= rounds; n += 1) {
    say(`${spec.name}: round ${n} of ${rounds}`);
    const folder = mkdtempSync(join(tmpdir(), 'coachloop-bench-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove); // interrupted: gigabytes must not stay behind
    try {
      const { greatest } = known;
      found.push(await spec.round({ quick, calls, folder, greatest, say, note: (text) => notes.push(text) }));
    } finally {
      process.off('exit', remove);
      remove();
    }
  }
  const rows = rowsOf(spec, found);
  if (spec.name === 'loop') known.greatest = rows.find(({ key }) => key === 'handled')?.figure.median ?? null;
  return {
    name: spec.name,
    title: spec.title,
    rows,
    notes: withRanges(notes),
    rounds,
    quick,
    at: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    load: { before, after: load() },
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
  };
}
