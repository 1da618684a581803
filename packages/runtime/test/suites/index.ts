/** What the runtime promises, on any adapters. */
import type { Kind } from '../harness/adapters.ts';
import { edgeSuite } from './edge.ts';
import { faultsSuite } from './faults.ts';
import { handlingSuite } from './handling.ts';
import { inspectSuite } from './inspect.ts';
import { lettersSuite } from './letters.ts';
import { timersSuite } from './timers.ts';

export function runtimeSuite(kind: Kind): void {
  handlingSuite(kind);
  lettersSuite(kind);
  timersSuite(kind);
  edgeSuite(kind);
  faultsSuite(kind);
  inspectSuite(kind);
}
