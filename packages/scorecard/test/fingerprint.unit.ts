import { CallRecord } from '@coachloop/contracts';
import { expect, test } from 'vitest';
import { fingerprintOf, scoredPartOf } from '../src/index.ts';
import { callOf } from './call.ts';

const call = callOf([['agent', 'Good morning']]);
const changed = (field: string) =>
  fingerprintOf(scoredPartOf({ ...call, [field]: { other: field } } as unknown as CallRecord));
const before = fingerprintOf(scoredPartOf(call));
const AFTERWARDS = ['revision', 'survey', 'wrapupSeconds', 'customerHash'];

test.each(Object.keys(CallRecord.properties))('a record whose %s changed', (field) => {
  if (AFTERWARDS.includes(field)) expect(changed(field)).toBe(before);
  else expect(changed(field)).not.toBe(before);
});

test('what an event adds to the record makes no difference', () => {
  expect(fingerprintOf(scoredPartOf({ ...call, stage: { from: 'ended', to: 'ended' }, replaces: {} }))).toBe(before);
});
