import { describe, expect, it } from 'vitest';
import { speakersOf } from '../src/index.ts';
import { normalize } from '../src/text/normalize.ts';

const CONVERSATION: readonly (readonly ['agent' | 'customer', string])[] = [
  ['agent', 'Thank you for calling Lakeside Rentals, how can I help you today?'],
  ['customer', 'I have a problem with my booking.'],
  ['agent', 'Can you please provide your booking number?'],
  ['customer', "Sure, it's five five one."],
  ['agent', 'Thank you. Is there anything else I can help you with?'],
  ['customer', "No, that's all."],
];
const folded = CONVERSATION.map(([, text]) => normalize(text));
const truth = CONVERSATION.map(([role]) => role);
const opposite = truth.map((role) => (role === 'agent' ? 'customer' : 'agent'));

describe('who speaks', () => {
  it('takes labels as they are', () => expect(speakersOf(truth, folded)).toEqual({ roles: truth, basis: 'given' }));
  it('fills missing labels where the words leave no doubt', () => {
    expect(
      speakersOf(
        truth.map(() => 'unknown'),
        folded,
      ),
    ).toEqual({ roles: truth, basis: 'inferred' });
  });
  it('keeps known labels when it fills the others', () => {
    expect(speakersOf(['agent', 'unknown', 'agent', 'unknown', 'unknown', 'customer'], folded).roles).toEqual(truth);
  });
  it('exchanges labels that the words contradict clearly', () => {
    expect(speakersOf(opposite, folded)).toEqual({ roles: truth, basis: 'swapped' });
  });
  it('does not guess from words that anybody could say', () => {
    const roles = ['unknown', 'unknown', 'unknown'] as const;
    expect(speakersOf(roles, ['blue', 'green', 'seven'])).toEqual({ roles, basis: 'unknown' });
  });
  it('does not take one turn of everything for a conversation', () => {
    expect(speakersOf(['agent'], ['i want to complain']).basis).toBe('given');
  });
});
