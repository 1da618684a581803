import type { MeasureSpec } from '../measure.ts';
import { kafka } from './kafka.ts';
import { latency } from './latency.ts';
import { log } from './log.ts';
import { loop } from './loop.ts';
import { memory } from './memory.ts';
import { mongo } from './mongo.ts';
import { naive } from './naive.ts';
import { profile } from './profile.ts';
import { scale } from './scale.ts';
import { sse } from './sse.ts';
import { stages } from './stages.ts';
import { stall } from './stall.ts';
import { start } from './start.ts';

/** In the order in which they are run and shown. */
export const MEASURES: readonly MeasureSpec[] = [log, loop, naive, stages, profile, latency, sse, start, memory];

/** The same of `--kafka`: on real servers, which take their time to start. */
export const KAFKA_MEASURES: readonly MeasureSpec[] = [kafka, mongo, scale, stall];
