/** Runs measures, round by round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasureSpec } from './measure.ts';
import type { Options } from './options.ts';
import { busyByLoad, busyByOthers, MACHINE, percent } from './report/busy.ts';
import { commit, machine } from './report/machine.ts';
import { withRanges } from './report/notes.ts';
import { type MeasureReport, rowsOf } from './report/report.ts';
import { summaryOf } from './statistics.ts';

/** What measures of one run tell those that follow. */
export interface Known {
  greatest: number | null;
  /** Nothing was measured yet: the load average is of others alone. */
  isFirst: boolean;
}

export async function measured(
  spec: MeasureSpec,
  { quick, runs, calls }: Pick<Options, 'quick' | 'runs' | 'calls'>,
  known: Known,
  say: (text: string) => void,
  watch = MACHINE,
): Promise<MeasureReport> {
  const rounds = runs ?? (quick ? 1 : spec.rounds);
  const notes: string[] = [];
  const before = watch.load();
  const byLoad = known.isFirst && !quick ? busyByLoad(before, machine().cores) : undefined;
  if (byLoad !== undefined)
    say(`${spec.name}: the machine is busy (${byLoad}): what depends on time will not be judged`);
  known.isFirst = false;
  const looks: number[] = [];
  /** A quick run is judged by nothing, so there is nothing to look for. */
  const look = async () => {
    if (quick) return;
    const share = await watch.others();
    looks.push(share);
    if (busyByOthers([share]) !== undefined) say(`  other processes have ${percent(share)} of the cores`);
  };
  const startMs = performance.now();
  const found = [];
  for (let n = 1; n <= rounds; n += 1) {
    say(`${spec.name}: round ${n} of ${rounds}`);
    await look();
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
  await look();
  const busy = byLoad ?? (looks.length > 0 ? busyByOthers(looks) : undefined);
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
    load: { before, after: watch.load() },
    ...(looks.length > 0 ? { others: summaryOf(looks) } : {}),
    ...(busy === undefined ? {} : { busy }),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
  };
}
