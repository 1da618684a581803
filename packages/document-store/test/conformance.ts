import { afterAll, beforeAll, describe } from 'vitest';
import { boundTests } from './conformance/bounds.ts';
import { type Adapter, Context } from './conformance/context.ts';
import { declarationTests } from './conformance/declarations.ts';
import { documentTests } from './conformance/documents.ts';
import { guardTests } from './conformance/guards.ts';
import { lifeTests } from './conformance/life.ts';
import { markTests } from './conformance/marks.ts';
import { modelTests } from './conformance/model.ts';
import { queryTests } from './conformance/queries.ts';
import { timerTests } from './conformance/timers.ts';

export type { Adapter, Backend } from './conformance/context.ts';

/**
 * The definition of the port: every adapter passes this suite unchanged. `create` makes one backend for all of it; each
 * test works in collections of its own, whose names are unique, so that a server can be shared and its logs searched.
 */
export function documentStoreConformance(adapter: Adapter): void {
  describe(`document store: ${adapter.name}`, () => {
    const context = new Context(adapter);
    beforeAll(() => context.start());
    afterAll(() => context.stop());

    describe('documents', () => documentTests(context));
    describe('guards', () => guardTests(context));
    describe('queries', () => queryTests(context));
    describe('declarations', () => declarationTests(context));
    describe('timers', () => timerTests(context));
    describe('marks', () => markTests(context));
    describe('bounds', () => boundTests(context));
    describe('life', () => lifeTests(context));
    describe('model', () => modelTests(context));
  });
}
