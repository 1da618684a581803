/** Figures for people: the same rows on the terminal and in the docs. */
import type { Summary } from '../statistics.ts';
import { type MeasureReport, type RowReport, reached, roundsReached } from './report.ts';

/** Three digits that count; thousands apart. */
export function figure(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const spread = ({ min, max }: Summary): string => `${figure(min)}–${figure(max)}`;

/** What a goal says, e.g. `≥ 0.8 ×`. */
export function goalText({ goal, unit }: RowReport): string {
  if (goal === undefined) return '';
  const [sign, value] = goal.atLeast === undefined ? ['≤', goal.atMost ?? 0] : ['≥', goal.atLeast];
  return `${sign} ${value}${goal.of === 'ratio' ? ' ×' : ` ${unit}`}`;
}

/** By the median, and how many rounds say otherwise. */
function verdictText(row: RowReport): string {
  const met = reached(row);
  if (met === null) return '';
  const rounds = roundsReached(row);
  const others = rounds.filter((each) => each !== met).length;
  const but = others === 0 ? '' : `, ${met ? 'missed' : 'met'} in ${others} of ${rounds.length} rounds`;
  return `${goalText(row)}: ${met ? 'met' : 'missed'}${but}`;
}

export const COLUMNS = ['', 'median', 'min–max', 'ratio', 'min–max', 'of', 'goal'] as const;

export function cellsOf(row: RowReport, { rows }: MeasureReport): readonly string[] {
  const { name, unit, figure: own, ratio, over } = row;
  const base = rows.find(({ key }) => key === over)?.name ?? '';
  const verdict = verdictText(row);
  const ratios = ratio === undefined ? ['', ''] : [`${figure(ratio.median)} ×`, spread(ratio)];
  return [name, `${figure(own.median)} ${unit}`, spread(own), ...ratios, base, verdict];
}

/** For the terminal. */
export function textTable(measure: MeasureReport): string {
  const lines = [COLUMNS, ...measure.rows.map((row) => cellsOf(row, measure))];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  const pad = (cell: string, i: number) =>
    i === 0 || i >= 5 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  const table = lines.map((cells) => `  ${cells.map(pad).join('  ')}`.trimEnd());
  return [heading(measure), ...table, ...measure.notes.map((note) => `  ${note}`)].join('\n');
}

const heading = ({ title, rounds, quick, load, seconds }: MeasureReport): string =>
  `${title} (${rounds} rounds${quick ? ', quick: the sizes are too small to mean anything' : ''}; load ${load.before} before, ${load.after} after; ${Math.round(seconds)} s)`;

export function markdownTable(measure: MeasureReport): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = COLUMNS.map((_, i) => (i === 0 || i >= 5 ? '---' : '---:'));
  return [line(COLUMNS), line(rule), ...measure.rows.map((row) => line(cellsOf(row, measure)))].join('\n');
}
