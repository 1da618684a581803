import { describe, expect, test } from 'vitest';
import { Membership } from '../../src/kafka/membership.ts';

describe('a member', () => {
  test('that has not joined yet is well for a while, and then says what it met last', () => {
    const member = new Membership('g', 100, 0);
    member.ended('not allowed', 50);
    expect(member.trouble(100)).toBeUndefined();
    expect(member.trouble(2_000)).toBe('group g could not be joined for 2 s: not allowed');
    member.begun(2_001);
    expect(member.trouble(99_000)).toBeUndefined();
  });

  test('whose group meets anew for too long is not well', () => {
    const member = new Membership('g', 100, 0);
    member.begun(10);
    member.apart(500);
    member.apart(590);
    expect(member.trouble(600)).toBeUndefined();
    expect(member.trouble(601)).toContain('could not be joined');
  });

  test('that begins and dies again and again is not well, though it joins each time, until it lasts', () => {
    const member = new Membership('g', 60_000, 0);
    for (let i = 0; i < 5; i++) {
      expect(member.trouble(i * 1_000)).toBeUndefined();
      member.begun(i * 1_000 + 1);
      member.ended('it crashed: snappy', i * 1_000 + 500);
    }
    expect(member.trouble(5_000)).toBe('the consumer of group g ended 5 times in a row: it crashed: snappy');
    member.begun(6_000);
    expect(member.trouble(6_001)).toContain('5 times in a row');
    expect(member.trouble(70_000)).toBeUndefined();
  });

  test('whose brokers are restarted one after the other is in no crash loop', () => {
    const member = new Membership('g', 60_000, 0);
    for (let i = 0; i < 8; i++) {
      member.begun(i * 20_000 + 1);
      expect(member.trouble(i * 20_000 + 2)).toBeUndefined();
      member.ended('Closed connection', i * 20_000 + 15_000, 'lost');
    }
    member.begun(170_000);
    expect(member.trouble(170_001)).toBeUndefined();
  });

  test('whose topics are gone is not well soon, though it never begins', () => {
    const member = new Membership('g', 120_000, 0);
    member.begun(1);
    member.ended('This server does not host this topic-partition', 100_000, 'gone'); // that one was well
    for (let at = 105_000; at < 130_000; at += 5_000) {
      expect(member.trouble(at)).toBeUndefined();
      member.ended('This server does not host this topic-partition', at, 'gone');
    }
    expect(member.trouble(130_000)).toContain('5 times in a row: This server does not host');
  });

  test('whose brokers are away is in no crash loop', () => {
    const member = new Membership('g', 60_000, 0);
    member.begun(1);
    for (let at = 100_000; at < 150_000; at += 5_000) member.ended('nobody answers', at);
    member.begun(150_000);
    expect(member.trouble(150_001)).toBeUndefined();
  });
});
