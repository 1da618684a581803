export type { Deployment, Survived } from './deployment.ts';
export { type DrillOptions, drill, type Outcome } from './run.ts';
export { type Fault, type FaultKind, scheduleOf, wordsOf } from './schedule.ts';
