import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DrillError } from './errors.ts';

/** One of the drill's own below the system's temporary folder. @throws DrillError */
export function newFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'coachloop-drill-'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DrillError('DRILL_NOT_PREPARED', `no folder can be made in ${tmpdir()} (TMPDIR): ${why}`);
  }
}
