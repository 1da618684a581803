/** What `--mutants` found, as a table for the documentation. */
import { kindOf } from '../shrink.ts';

export interface Found {
  readonly name: string;
  readonly mistake: string;
  /** Null: it was not found. */
  readonly seed: number | null;
  readonly violation: string | null;
}

const last = Number.POSITIVE_INFINITY;

/** Those that were found soonest first. */
export function tableOf(found: readonly Found[]): readonly string[] {
  const rows = found.toSorted((a, b) => (a.seed ?? last) - (b.seed ?? last) || (a.name < b.name ? -1 : 1));
  return [
    '| mutant | the mistake | found by seed | as |',
    '|---|---|---|---|',
    ...rows.map(({ name, mistake, seed, violation }) =>
      seed === null
        ? `| \`${name}\` | ${mistake} | not found | |`
        : `| \`${name}\` | ${mistake} | ${seed} | ${kindOf(violation ?? '')} |`,
    ),
  ];
}
