import type { MeasureSpec } from '../measure.ts';
import { latency } from './latency.ts';
import { log } from './log.ts';
import { loop } from './loop.ts';
import { memory } from './memory.ts';
import { naive } from './naive.ts';
import { profile } from './profile.ts';
import { sse } from './sse.ts';
import { stages } from './stages.ts';
import { start } from './start.ts';

/** In the order in which they are run and shown. */
export const MEASURES: readonly MeasureSpec[] = [log, loop, naive, stages, profile, latency, sse, start, memory];
