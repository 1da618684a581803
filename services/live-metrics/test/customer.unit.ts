import type { Message } from '@coachloop/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CustomerContacts, customerIdOf, handleCustomer, newCustomer } from '../src/domain/customer.ts';
import { HOUR, iso, T0 } from './given.ts';

const SELF = 'customer-1';
const handle = handleCustomer(24 * HOUR);

interface Said {
  readonly call: number;
  readonly revision: number;
  readonly endedHours: number;
  readonly customer: string;
  readonly abandoned: boolean;
}

const message = ({ call, revision, endedHours, customer, abandoned }: Said): Message => ({
  id: `${call}.${revision}`,
  kind: 'event',
  type: revision === 1 ? 'call.completed' : 'call.revised',
  source: '/call-ingest',
  time: T0,
  data: { callId: `call-${call}`, revision, endedAt: iso(T0 + endedHours * HOUR), customerHash: customer, abandoned },
  origin: null,
});

const after = (said: readonly Said[]): CustomerContacts =>
  said.reduce((state, each) => handle(state, message(each)).state, newCustomer(customerIdOf(SELF)));

const history: fc.Arbitrary<Said[]> = fc.uniqueArray(
  fc.record({
    call: fc.integer({ min: 1, max: 4 }),
    revision: fc.integer({ min: 1, max: 4 }),
    endedHours: fc.integer({ min: 0, max: 100 }),
    customer: fc.constantFrom(SELF, 'customer-2'),
    abandoned: fc.boolean(),
  }),
  { selector: ({ call, revision }) => `${call}.${revision}`, maxLength: 16 },
);

const shuffled = history.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

test('a customer is the same in whatever order the revisions of calls come, and however often', () => {
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      const state = after(list);
      expect(after(other)).toEqual(state);
      expect(after([...other, ...list])).toEqual(state);
    }),
  );
});

test('an older revision that is replayed does not bring a call back to a customer whom it has left', () => {
  const first = { call: 1, revision: 1, endedHours: 1, customer: SELF, abandoned: false };
  const moved = { ...first, revision: 2, customer: 'customer-2' };
  expect(after([moved, first])).toMatchObject({ contacts: [], latestMs: null, single: null });
});
