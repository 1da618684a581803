/** One question of the bench. Each round answers it once, baseline included, so that both met the same machine. */
import type { Goal } from './report/report.ts';

export interface RowSpec {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  /** Key of the baseline. */
  readonly over?: string;
  readonly goal?: Goal;
}

export interface Settings {
  /** Small sizes: to see that it works, not how fast it is. */
  readonly quick: boolean;
  /** Overrides the count of calls of a measure. */
  readonly calls: number | null;
  /** A folder for this round, removed after it. */
  readonly folder: string;
  /** Calls per second that the loop took in this run; null: not measured yet. */
  readonly greatest: number | null;
  /** What the figures alone do not say. Notes of several rounds that differ in numbers alone become one, with ranges. */
  readonly note: (text: string) => void;
  readonly say: (text: string) => void;
}

export interface MeasureSpec {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly RowSpec[];
  /** How often, unless `--runs` says otherwise. */
  readonly rounds: number;
  /** Only on request: it takes very long. */
  readonly long?: true;
  readonly round: (settings: Settings) => Promise<Readonly<Record<string, number>>>;
}
