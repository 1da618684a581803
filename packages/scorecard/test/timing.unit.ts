import { describe, expect, it } from 'vitest';
import { ask, callOf } from './call.ts';

const chat = { channel: 'chat' } as const;

describe('silence', () => {
  const rule = { silence: { seconds: 15, announcedBy: ['one moment'], turns: 2 } };
  const lines = (word: string) =>
    [
      ['customer', 'hi', 0, 1],
      ['agent', word, 2, 3],
      ['agent', 'back', 40, 41],
    ] as const;
  it('is no for a pause that was not announced, with its times', () => {
    expect(ask(rule, callOf(lines('so')))).toMatchObject({
      value: 'no',
      evidence: [{ startMs: 3_000, endMs: 40_000, text: 'silence of 37 s' }],
    });
  });
  it('is yes when it was announced', () => expect(ask(rule, callOf(lines('one moment'))).value).toBe('yes'));
  it('is yes when another turn still runs', () => {
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'a long story', 0, 39],
          ['agent', 'so', 2, 3],
          ['agent', 'back', 40, 41],
        ]),
      ).value,
    ).toBe('yes');
  });
  it('is N/A in a chat and without measured times', () => {
    expect(ask(rule, callOf(lines('so'), chat))).toMatchObject({ value: 'na', reason: 'not-voice' });
    expect(ask(rule, callOf([['agent', 'so']]))).toMatchObject({ value: 'na', reason: 'no-timing' });
  });
});

describe('talkOver', () => {
  const rule = { talkOver: { seconds: 0.5, times: 2 } };
  const lines = (second: number) =>
    [
      ['customer', 'one two three', 0, 5],
      ['agent', 'but listen', 4, 6],
      ['customer', 'four five', 10, 15],
      ['agent', 'no wait', second, 16],
    ] as const;
  it('is no from the second time on', () =>
    expect(ask(rule, callOf(lines(14)))).toMatchObject({ value: 'no', reason: 'talked-over' }));
  it('allows one, and an overlap of less than the bound', () =>
    expect(ask(rule, callOf(lines(14.6))).value).toBe('yes'));
  it('does not count a word of listening', () => {
    const listening = [
      ['customer', 'one', 0, 5],
      ['agent', '嗯', 2, 2.3],
      ['customer', 'two', 6, 9],
      ['agent', 'mm', 7, 7.3],
    ] as const;
    expect(ask(rule, callOf(listening)).value).toBe('yes');
  });
  it('is N/A in a chat', () => expect(ask(rule, callOf(lines(14), chat)).value).toBe('na'));
});

describe('speechRate', () => {
  const words = { speechRate: { unit: 'words', minPerMinute: 100, maxPerMinute: 200 } } as const;
  const speak = (count: number) => callOf([['agent', 'word '.repeat(count), 0, 30]]);
  it.each([
    [75, 'yes', 'rate-in-range'],
    [40, 'no', 'too-slow'],
    [130, 'no', 'too-fast'],
  ] as const)('%j words in half a minute: %s', (count, value, reason) =>
    expect(ask(words, speak(count))).toMatchObject({ value, reason }),
  );
  it('counts Han characters, and Latin letters as thirds', () => {
    const chars = { speechRate: { unit: 'chars', minPerMinute: 198, maxPerMinute: 330 } } as const;
    expect(ask(chars, callOf([['agent', `${'字'.repeat(80)}${'abc'.repeat(10)}`, 0, 20]])).evidence[0]?.text).toContain(
      '每分钟 270 字',
    );
  });
  it('is N/A for a few seconds of speech', () => {
    expect(ask(words, callOf([['agent', 'hello', 0, 2]]))).toMatchObject({ value: 'na', reason: 'too-little-speech' });
  });
});

describe('ring', () => {
  const rule = { ring: { rings: 3, secondsPerRing: { default: 6, 'zh-TW': 3 } } };
  const rang = (ringSeconds: number, more = {}) => callOf([['agent', 'hello']], { ringSeconds, ...more });
  it('counts rings as the country rings', () => {
    expect(ask(rule, rang(17)).value).toBe('yes');
    expect(ask(rule, rang(19)).value).toBe('no');
    expect(ask(rule, rang(10, { language: 'zh-TW' })).value).toBe('no');
    expect(ask(rule, rang(17, { language: 'zh-CN' })).value).toBe('yes');
  });
  it('is N/A outbound, in a chat and without ring data', () => {
    expect(ask(rule, rang(30, { direction: 'outbound' }))).toMatchObject({ value: 'na', reason: 'outbound' });
    expect(ask(rule, rang(30, chat))).toMatchObject({ value: 'na', reason: 'not-voice' });
    expect(ask(rule, callOf([['agent', 'hello']]))).toMatchObject({ value: 'na', reason: 'no-ring-data' });
  });
});

describe('holdAnnounced', () => {
  const rule = { holdAnnounced: { any: ['hold the line'], turns: 1 } };
  const lines = [
    ['agent', 'please hold the line', 0, 2],
    ['customer', 'ok', 2, 3],
    ['agent', 'thanks', 40, 41],
  ] as const;
  it('is N/A without a hold', () => expect(ask(rule, callOf(lines))).toMatchObject({ value: 'na', reason: 'no-hold' }));
  it('is yes when the last turn before it said so', () => {
    expect(ask(rule, callOf(lines, { holds: [{ startMs: 3_500, endMs: 39_000 }] })).value).toBe('yes');
  });
  it('is no when one hold was not announced, and says which', () => {
    const holds = [
      { startMs: 3_500, endMs: 39_000 },
      { startMs: 42_000, endMs: 50_000 },
    ];
    expect(ask(rule, callOf(lines, { holds }))).toMatchObject({
      value: 'no',
      evidence: [{ startMs: 42_000, endMs: 50_000, text: 'hold of 8 s, not announced' }, { text: 'thanks' }],
    });
  });
});
