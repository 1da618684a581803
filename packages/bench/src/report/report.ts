/** What a bench found, as it stands in its JSON. */
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError } from '../errors.ts';
import type { MeasureSpec } from '../measure.ts';
import { type Summary, summaryOf } from '../statistics.ts';
import { reportText } from './json.ts';
import type { Machine } from './machine.ts';

export interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Of the ratio to the baseline, or of the figure itself. */
  readonly of: 'ratio' | 'figure';
}

export interface RowReport {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly figure: Summary;
  /** Key of the row that this one is divided by, round by round; absent: it is a baseline, or stands for itself. */
  readonly over?: string;
  readonly ratio?: Summary;
  readonly goal?: Goal;
}

export interface MeasureReport {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly RowReport[];
  /** What belongs to the figures: sizes, and what bounds them. */
  readonly notes: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly at: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Load average over one minute, before and after. Before the first measure of a run it is of other processes; later the bench has a part in it. */
  readonly load: { readonly before: number; readonly after: number };
  /** Shares of all cores, 0 to 1, that other processes had before each round and after the last; absent: nobody looked. */
  readonly others?: Summary;
  /** Why the machine was too busy to judge what depends on time; absent: it was not, as far as is known. */
  readonly busy?: string;
  readonly seconds: number;
}

export interface Report {
  readonly version: 1;
  readonly measures: readonly MeasureReport[];
}

/** One object of figures per round. */
export type Rounds = readonly Readonly<Record<string, number>>[];

/** @throws RangeError where a round lacks a figure. */
export function rowsOf({ rows }: MeasureSpec, rounds: Rounds): readonly RowReport[] {
  const valuesOf = (key: string) => rounds.map((round) => round[key] ?? Number.NaN);
  return rows.map(({ key, name, unit, over, goal }) => {
    const figure = summaryOf(valuesOf(key));
    const common = { key, name, unit, figure, ...(goal === undefined ? {} : { goal }) };
    if (over === undefined) return common;
    const base = valuesOf(over);
    return { ...common, over, ratio: summaryOf(figure.values.map((value, i) => value / (base[i] ?? Number.NaN))) };
  });
}

/** Memory is the same however long it takes. */
const dependsOnTime = ({ unit }: RowReport): boolean => unit !== 'MiB';

/** Why it is not said whether the goal is met; null: it can be said. */
export function unjudgedBy(row: RowReport, { quick, busy }: Pick<MeasureReport, 'quick' | 'busy'>): string | null {
  if (quick) return 'a quick run';
  return busy !== undefined && dependsOnTime(row) ? 'the machine was busy' : null;
}

/** Where the goal applies: the median of what it speaks of. */
export const reached = ({ goal, figure, ratio }: RowReport): boolean | null => {
  const value = goal?.of === 'ratio' ? ratio?.median : figure.median;
  return goal === undefined || value === undefined ? null : isWithin(value, goal);
};

/** The same of each round; empty without a goal. */
export const roundsReached = ({ goal, figure, ratio }: RowReport): readonly boolean[] =>
  goal === undefined
    ? []
    : ((goal.of === 'ratio' ? ratio : figure)?.values ?? []).map((value) => isWithin(value, goal));

const isWithin = (value: number, { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Goal) =>
  value >= atLeast && value <= atMost;

/** @throws BenchError */
export function readReport(file: string): Report {
  let found: Partial<Report>;
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  } catch (error) {
    throw new BenchError(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (found.version !== 1 || !Array.isArray(found.measures))
    throw new BenchError(`${file} is no report of this bench; make one with --json ${file}.`);
  return { version: 1, measures: found.measures };
}

/** A report of these measures and no others. @param names of all that it may hold @throws BenchError */
export function readReportOf(file: string, names: readonly string[]): Report {
  const report = readReport(file);
  const other = report.measures.find(({ name }) => !names.includes(name));
  if (other === undefined) return report;
  throw new BenchError(
    `${file} holds the measure ${other.name}, not only ${names.join(', ')}: with or without --kafka?`,
  );
}

/** Whether `writeReport` will be able to: asked before an hour is spent on measuring. @throws BenchError */
export function checkWritable(file: string, names: readonly string[]): void {
  if (existsSync(file)) readReportOf(file, names);
  checkPlace(file);
}

/** Whether there can be a file, or another one in its place. @throws BenchError */
export function checkPlace(file: string): void {
  const isThere = existsSync(file);
  const isFolder = isThere && statSync(file).isDirectory();
  if (isFolder || !canBeWritten(isThere ? file : dirname(file)) || !statSync(dirname(file)).isDirectory())
    throw new BenchError(`${file} cannot be written; is there a folder ${dirname(file)}, and is it yours?`);
}

function canBeWritten(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Measures that were not made again stay as they are, each with its own time and commit. @param order names of all that it may hold */
export function writeReport(file: string, made: readonly MeasureReport[], order: readonly string[]): Report {
  const known = existsSync(file) ? readReportOf(file, order).measures : [];
  const all = [...known.filter(({ name }) => made.every((each) => each.name !== name)), ...made];
  const report: Report = {
    version: 1,
    measures: all.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
  };
  writeFileSync(file, reportText(report));
  return report;
}
