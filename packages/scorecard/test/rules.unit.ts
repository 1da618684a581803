import { describe, expect, it } from 'vitest';
import { ask, callOf } from './call.ts';

describe('said', () => {
  const rule = { said: { any: ['good morning'], within: { first: 1 } } };
  it('is yes with the exact words as evidence', () => {
    const answer = ask(rule, callOf([['agent', 'Well, Good  morning!']]));
    expect(answer).toMatchObject({
      value: 'yes',
      reason: 'phrase-found',
      evidence: [{ segment: 0, text: 'Good  morning' }],
    });
  });
  it('is no outside its window, and points at where it looked', () => {
    const answer = ask(
      rule,
      callOf([
        ['agent', 'yes?'],
        ['customer', 'hi'],
        ['agent', 'good morning'],
      ]),
    );
    expect(answer).toMatchObject({ value: 'no', reason: 'not-found', evidence: [{ segment: 0, text: 'yes?' }] });
  });
  it('does not take the customer’s words for the agent’s', () => {
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'good morning'],
          ['agent', 'yes?'],
        ]),
      ).value,
    ).toBe('no');
  });
  it('is N/A where nobody knows who spoke', () => {
    expect(
      ask(
        rule,
        callOf([
          ['unknown', 'good morning'],
          ['unknown', 'blue'],
        ]),
      ),
    ).toMatchObject({ value: 'na', reason: 'speakers-unknown' });
  });
  it('counts turns', () => {
    const twice = { said: { any: ['please'], turns: 2 } };
    expect(ask(twice, callOf([['agent', 'please please']])).value).toBe('no');
    expect(
      ask(
        twice,
        callOf([
          ['agent', 'please'],
          ['customer', 'x'],
          ['agent', 'please'],
        ]),
      ).value,
    ).toBe('yes');
  });
  it('looks within seconds where there are times, else is N/A', () => {
    const early = { said: { any: ['hello'], within: { firstSeconds: 10 } } };
    expect(
      ask(
        early,
        callOf([
          ['agent', 'mm', 0],
          ['agent', 'hello', 30],
        ]),
      ).value,
    ).toBe('no');
    expect(ask(early, callOf([['agent', 'hello', 3]])).value).toBe('yes');
    expect(ask(early, callOf([['agent', 'hello']]))).toMatchObject({ value: 'na', reason: 'no-timing' });
  });
  it('recognises Chinese by sound where the form says so', () => {
    const zh = { said: { any: ['工号'] } };
    const call = callOf([['agent', '公号五一七']]);
    expect(ask(zh, call).value).toBe('no');
    expect(ask(zh, call, { soundAlike: true })).toMatchObject({
      value: 'yes',
      reason: 'phrase-found-by-sound',
      evidence: [{ text: '公号' }],
    });
  });
});

describe('notSaid', () => {
  const rule = { notSaid: { any: ['不知道'], except: ['不知道您'] } };
  it('is no with the words', () => {
    expect(ask(rule, callOf([['agent', '这个我不知道。']]))).toMatchObject({
      value: 'no',
      evidence: [{ text: '不知道' }],
    });
  });
  it('is yes for what an exception covers, for a quotation, and for the customer', () => {
    expect(ask(rule, callOf([['agent', '不知道您方不方便']])).value).toBe('yes');
    expect(ask(rule, callOf([['agent', '您听到的是“不知道”吗']])).value).toBe('yes');
    expect(
      ask(
        rule,
        callOf([
          ['customer', '我不知道'],
          ['agent', '好的'],
        ]),
      ).value,
    ).toBe('yes');
  });
  it('is N/A where an unknown speaker said it', () => {
    expect(
      ask(
        rule,
        callOf([
          ['agent', '好的，我帮您查询，感谢您的来电'],
          ['unknown', '不知道'],
        ]),
      ).value,
    ).not.toBe('no');
  });
});

describe('after', () => {
  const rule = { after: { trigger: { any: ['angry'] }, response: ['sorry'], turns: 1 } };
  it('is N/A without a trigger', () => {
    expect(
      ask(
        rule,
        callOf([
          ['agent', 'hello'],
          ['customer', 'hi'],
        ]),
      ),
    ).toMatchObject({ value: 'na', reason: 'no-trigger' });
  });
  it('is yes when the next turn answers, with both as evidence', () => {
    const answer = ask(
      rule,
      callOf([
        ['customer', 'I am angry'],
        ['agent', 'I see.'],
        ['agent', 'Sorry!'],
      ]),
    );
    expect(answer).toMatchObject({
      value: 'yes',
      evidence: [
        { segment: 0, text: 'angry' },
        { segment: 2, text: 'Sorry' },
      ],
    });
  });
  it('is no when the answer comes too late or the words came before', () => {
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'angry'],
          ['agent', 'ok'],
          ['customer', 'so'],
          ['agent', 'sorry'],
        ]),
      ).value,
    ).toBe('no');
    expect(
      ask(
        rule,
        callOf([
          ['agent', 'sorry'],
          ['customer', 'angry'],
          ['agent', 'ok'],
        ]),
      ).value,
    ).toBe('no');
  });
  it('is N/A when the call ended with the trigger', () => {
    expect(
      ask(
        rule,
        callOf([
          ['agent', 'hi'],
          ['customer', 'angry'],
        ]),
      ),
    ).toMatchObject({ value: 'na', reason: 'no-turn-after' });
  });
});

describe('facts', () => {
  const rule = {
    facts: { asks: ['may i have', 'please'], atLeast: 2, facts: { name: ['your name'], birthday: ['date of birth'] } },
  };
  it('is yes when two facts were asked for and answered', () => {
    const call = callOf([
      ['agent', 'May I have your name?'],
      ['customer', 'Jo'],
      ['agent', 'Date of birth, please?'],
      ['customer', 'May 1'],
    ]);
    expect(ask(rule, call)).toMatchObject({ value: 'yes', reason: 'facts-checked' });
  });
  it('is no when only one was asked for, or nobody answered', () => {
    expect(
      ask(
        rule,
        callOf([
          ['agent', 'May I have your name?'],
          ['customer', 'Jo'],
        ]),
      ),
    ).toMatchObject({ value: 'no', reason: 'too-few-facts' });
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'hi'],
          ['agent', 'May I have your name and date of birth?'],
        ]),
      ).value,
    ).toBe('no');
  });
});

describe('restated', () => {
  const rule = { restated: { any: ['so you want'], tags: ['right'], overlap: 2 } };
  it('is yes for a phrase that says so after the customer spoke', () => {
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'x'],
          ['agent', 'So you want a refund'],
        ]),
      ).value,
    ).toBe('yes');
    expect(
      ask(
        rule,
        callOf([
          ['agent', 'So you want something'],
          ['customer', 'x'],
          ['agent', 'ok'],
        ]),
      ).value,
    ).toBe('no');
  });
  it('is yes when the customer’s words come back as a question, not for a number', () => {
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'my kettle smells burnt'],
          ['agent', 'the kettle has a burnt smell, right?'],
        ]),
      ),
    ).toMatchObject({ value: 'yes', reason: 'repeated-and-asked' });
    expect(
      ask(
        rule,
        callOf([
          ['customer', 'number 4471 9920'],
          ['agent', '4471 9920, right?'],
        ]),
      ).value,
    ).toBe('no');
  });
});

describe('call and combinations', () => {
  const call = callOf(
    [
      ['agent', 'hello'],
      ['customer', 'hi'],
    ],
    { direction: 'outbound' },
  );
  const yes = { said: { any: ['hello'] } };
  const no = { said: { any: ['goodbye'] } };
  const na = { holdAnnounced: { any: ['x'], turns: 1 } };
  it('allOf: no wins, N/A drops out', () => {
    expect(ask({ allOf: [yes, no] }, call).value).toBe('no');
    expect(ask({ allOf: [yes, na] }, call).value).toBe('yes');
    expect(ask({ allOf: [na] }, call)).toMatchObject({ value: 'na', reason: 'no-hold' });
  });
  it('anyOf: yes wins, N/A drops out', () => {
    expect(ask({ anyOf: [no, yes] }, call).value).toBe('yes');
    expect(ask({ anyOf: [na, no] }, call).value).toBe('no');
    expect(ask({ anyOf: [na] }, call).value).toBe('na');
  });
  it('call looks at the record', () => {
    expect(ask({ call: { direction: ['outbound'] } }, call).value).toBe('yes');
    expect(ask({ call: { channel: ['chat'] } }, call).value).toBe('no');
  });
});

describe('notOverused', () => {
  const rule = { notOverused: { any: ['basically'], turns: 3, share: 0.5 } };
  it('is no when one phrase stands in too many turns', () => {
    const lines = ['basically a', 'basically b', 'basically c', 'd'].map((text) => ['agent', text] as const);
    expect(ask(rule, callOf(lines))).toMatchObject({ value: 'no', reason: 'phrase-overused' });
    expect(ask(rule, callOf(lines.slice(1))).value).toBe('yes');
  });
});
