/** What is measured together, and the page that tells of it. */
import type { MeasureSpec } from './measure.ts';
import { KAFKA_MEASURES, MEASURES } from './measures/index.ts';

export interface Suite {
  readonly measures: readonly MeasureSpec[];
  /** Name of its page and of its JSON in docs/, without an ending. */
  readonly page: string;
}

export const suiteOf = (kafka: boolean): Suite =>
  kafka ? { measures: KAFKA_MEASURES, page: 'benchmarks-kafka' } : { measures: MEASURES, page: 'benchmarks' };
