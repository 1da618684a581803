export { FAULT_KINDS, type FaultKind, type Limits, NO_LIMITS } from './faults.ts';
export { type Result, run } from './run.ts';
