export type { Clock, Scheduler } from './core/scheduler.ts';
export { isLogError, LOG_ERRORS, LogError, type LogErrorCode } from './errors.ts';
export { murmur2, partitionOf } from './partition.ts';
export * from './port.ts';
