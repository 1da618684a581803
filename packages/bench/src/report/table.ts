/** Figures for people: the same rows on the terminal and in the docs. */

import type { Summary } from '../statistics.ts';
import { percent } from './busy.ts';
import { type MeasureReport, type RowReport, reached, roundsReached, unjudgedBy } from './report.ts';

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

/** By the median, and how many rounds say otherwise; or why it is not said. */
export function verdictOf(row: RowReport, measure: MeasureReport): string {
  const met = reached(row);
  if (met === null) return '';
  const unjudged = unjudgedBy(row, measure);
  if (unjudged !== null) return `not judged: ${unjudged}`;
  const rounds = roundsReached(row);
  const others = rounds.filter((each) => each !== met).length;
  const but = others === 0 ? '' : `, ${met ? 'missed' : 'met'} in ${others} of ${rounds.length} rounds`;
  return `${met ? 'met' : 'missed'}${but}`;
}

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (row: RowReport, measure: MeasureReport) => string;
}

const column = (title: string, isNumber: boolean, cell: Column['cell']): Column => ({ title, isNumber, cell });
const COLUMNS: readonly Column[] = [
  column('', false, ({ name }) => name),
  column('median', true, ({ figure: own, unit }) => `${figure(own.median)} ${unit}`),
  column('min–max', true, ({ figure: own }) => spread(own)),
  column('ratio', true, ({ ratio }) => (ratio === undefined ? '' : `${figure(ratio.median)} ×`)),
  column('min–max', true, ({ ratio }) => (ratio === undefined ? '' : spread(ratio))),
  column('of', false, ({ over }, { rows }) => rows.find(({ key }) => key === over)?.name ?? ''),
  column('goal', false, (row, measure) =>
    row.goal === undefined ? '' : `${goalText(row)}: ${verdictOf(row, measure)}`,
  ),
];

/** In how far others were at work; none: it need not be told. */
export function busyLines({ busy, rows }: MeasureReport): readonly string[] {
  if (busy === undefined) return [];
  const judged = rows.some(({ goal }) => goal !== undefined) ? ' What depends on time is not judged.' : '';
  return [`The machine was busy: ${busy}.${judged}`];
}

/** What of the cores others had, in words. */
export const othersText = ({ others }: MeasureReport): string =>
  others === undefined
    ? 'what other processes had of the cores was not looked at'
    : `other processes had ${percent(others.median)} of the cores (${percent(others.min)} to ${percent(others.max)})`;

/** One round has no spread. */
const columnsOf = ({ rounds }: MeasureReport): readonly Column[] =>
  COLUMNS.filter(({ title }) => rounds > 1 || title !== 'min–max');

const linesOf = (measure: MeasureReport): readonly (readonly string[])[] => {
  const columns = columnsOf(measure);
  return [
    columns.map(({ title }) => title),
    ...measure.rows.map((row) => columns.map(({ cell }) => cell(row, measure))),
  ];
};

/** For the terminal. */
export function textTable(measure: MeasureReport): string {
  const lines = linesOf(measure);
  const columns = columnsOf(measure).map(({ isNumber }, i) => ({
    isNumber,
    width: Math.max(...lines.map((cells) => cells[i]?.length ?? 0)),
  }));
  const line = (cells: readonly string[]) =>
    columns
      .map(({ isNumber, width }, i) => (isNumber ? cells[i]?.padStart(width) : cells[i]?.padEnd(width)))
      .join('  ');
  const table = lines.map((cells) => `  ${line(cells)}`.trimEnd());
  return [heading(measure), ...table, ...[...busyLines(measure), ...measure.notes].map((line) => `  ${line}`)].join(
    '\n',
  );
}

function heading(measure: MeasureReport): string {
  const { title, rounds, quick, load, seconds } = measure;
  const how = quick ? ', quick: the sizes are too small to mean anything' : `; ${othersText(measure)}`;
  return `${title} (${rounds} ${rounds === 1 ? 'round' : 'rounds'}${how}; load ${load.before} before, ${load.after} after; ${Math.round(seconds)} s)`;
}

export function markdownTable(measure: MeasureReport): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head = [], ...rows] = linesOf(measure);
  const rule = columnsOf(measure).map(({ isNumber }) => (isNumber ? '---:' : '---'));
  return [head, rule, ...rows].map(line).join('\n');
}
