/**
 * Not the edge: one of its tests wants to hear `done` of a save that MongoDB leaves unclear, where the kernel, having loaded
 * again, says `duplicate`, with the same reply. Not inspection: it reads, and conformance covers that.
 */
import type {} from '@coachloop/servers/vitest/mongo';
import { describe, inject, test } from 'vitest';
import { mongo } from './harness/mongo.ts';
import { faultsSuite } from './suites/faults.ts';
import { handlingSuite } from './suites/handling.ts';
import { lettersSuite } from './suites/letters.ts';
import { timersSuite } from './suites/timers.ts';

const server = inject('mongo');

if (server === '') {
  describe.skip('the runtime on mongo', () => test('needs a MongoDB: see the notice above', () => undefined));
} else {
  const kind = mongo(server);
  handlingSuite(kind);
  lettersSuite(kind);
  timersSuite(kind);
  faultsSuite(kind);
}
