import type { MeasureSpec } from '../measure.ts';
import { log } from './log.ts';
import { loop } from './loop.ts';
import { naive } from './naive.ts';

/** In the order in which they are run and shown. */
export const MEASURES: readonly MeasureSpec[] = [log, loop, naive];
