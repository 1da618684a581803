import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Form, languageOf, publishedForm, score } from '../src/index.ts';
import { callOf, formOf } from './call.ts';

const WORDS = ['hello', 'sorry', 'please', 'goodbye', 'angry', 'refund', 'hm'];
const line = fc.tuple(
  fc.constantFrom('agent' as const, 'customer' as const, 'system' as const),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }).map((words) => words.join(' ')),
);
const section = (id: string, weight: number, questions: Form['sections'][number]['questions']) => ({
  id,
  title: { en: id, zh: id },
  weight,
  questions,
});
const question = (
  id: string,
  weight: number,
  rule: Form['sections'][number]['questions'][number]['rule'],
  extra = {},
) => ({ id, title: { en: id, zh: id }, competency: weight > 5 ? 'b' : 'a', weight, rule, ...extra });
const form = formOf(
  {},
  {
    sections: [
      section('one', 3, [
        question('q1', 2, { said: { any: ['hello'], within: { first: 1 } } }),
        question(
          'q2',
          7,
          { after: { trigger: { any: ['angry'] }, response: ['sorry'], turns: 1 } },
          { critical: true },
        ),
      ]),
      section('two', 1, [question('q3', 1, { holdAnnounced: { any: ['hm'], turns: 1 } })]),
      section('three', 5, [
        question('q4', 9, { notSaid: { any: ['goodbye'] } }, { autoFail: true }),
        question('q5', 0, { said: { any: ['please'] } }),
      ]),
    ],
  },
);

describe('scores', () => {
  it('weights of the answered questions sum to 100, and N/A weighs nothing', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { answers } = score(form, callOf(lines));
        const answered = answers.filter((answer) => answer.value !== 'na');
        const sum = answered.reduce((total, answer) => total + answer.weight, 0);
        expect(answers.filter((answer) => answer.value === 'na').every((answer) => answer.weight === 0)).toBe(true);
        if (answered.some((answer) => answer.weight > 0)) expect(sum).toBeCloseTo(100, 2);
      }),
    );
  });

  it('the same call and form give the same bytes, also after a trip through JSON', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const call = callOf(lines);
        const first = JSON.stringify(score(form, call));
        expect(JSON.stringify(score(form, JSON.parse(JSON.stringify(call))))).toBe(first);
      }),
    );
  });

  it('what is said at the end does not change what was asked of the beginning', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.array(line, { maxLength: 8 }), (lines, more) => {
        fc.pre(lines.some(([speaker]) => speaker === 'agent'));
        const greeting = (all: typeof lines) => score(form, callOf(all)).answers[0];
        expect(greeting([...lines, ...more])?.value).toBe(greeting(lines)?.value);
      }),
    );
  });

  it('an N/A leaves the proportions within its section and among the others as they were', () => {
    const { answers } = score(form, callOf([['agent', 'hello']]));
    expect(answers.map((answer) => [answer.questionId, answer.value, answer.weight])).toEqual([
      ['q1', 'yes', 37.5],
      ['q2', 'na', 0],
      ['q3', 'na', 0],
      ['q4', 'yes', 62.5],
      ['q5', 'no', 0],
    ]);
  });

  it('critical and competency scores are of their own questions; an auto-fail fails a good score', () => {
    const result = score(
      form,
      callOf([
        ['agent', 'hello'],
        ['customer', 'angry'],
        ['agent', 'sorry, goodbye'],
      ]),
    );
    expect(result.criticalScore).toBe(100);
    expect(result.autoFailedBy).toEqual(['q4']);
    expect(result.passed).toBe(false);
    expect(result.competencies).toEqual([
      { competency: 'a', score: 100, answered: 2 },
      { competency: 'b', score: 31.82, answered: 2 },
    ]);
  });

  it('asks nothing of an abandoned call or of one without words', () => {
    const abandoned = score(form, callOf([], { abandoned: true, transcript: null }));
    expect(abandoned).toMatchObject({ score: null, criticalScore: null, passed: null, autoFailedBy: [] });
    expect(abandoned.answers.every((answer) => answer.reason === 'abandoned')).toBe(true);
    const silent = score(form, callOf([], { transcript: null, ringSeconds: 99 }));
    expect(silent.score).toBeNull();
    expect(silent.answers.every((answer) => answer.reason === 'no-transcript')).toBe(true);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 5 }), (texts) => {
        const result = score(form, callOf(texts.map((text) => ['agent', text] as const)));
        expect(JSON.stringify(result).isWellFormed()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('language and published form', () => {
  const made = (id: string, version: number, languages: string[], channels: Form['channels']) =>
    formOf({}, { id, version, languages, channels, sections: form.form.sections });
  const forms = [
    made('en', 1, ['en'], ['voice']),
    made('en', 2, ['en'], ['voice']),
    made('zh', 1, ['zh'], ['voice', 'chat']),
    made('tw', 1, ['zh-TW'], ['voice']),
    made('any', 9, ['any'], ['voice', 'chat', 'mail', 'other']),
  ];
  it.each([
    ['en-GB', 'voice', 'en', 2],
    ['zh-CN', 'chat', 'zh', 1],
    ['zh-TW', 'voice', 'tw', 1],
    ['ZH-tw', 'chat', 'zh', 1],
    ['zh', 'mail', 'zh', 1],
    ['fr', 'voice', 'any', 9],
    [undefined, 'other', 'any', 9],
    ['en', 'chat', 'any', 9],
  ] as const)('%s %s → %s version %d', (language, channel, id, version) => {
    expect(publishedForm(forms, { language, channel })?.form).toMatchObject({ id, version });
  });

  it.each([
    ['您好，我的 order 还没到', 'zh'],
    ['Hello, how can I help you with the order?', 'en'],
    ['Guten Tag, was kann ich heute tun', undefined],
    ['お問い合わせ内容を教えてください', undefined],
    ['', undefined],
  ])('%j is %s', (text, language) => expect(languageOf(callOf([['agent', text]]))).toBe(language));

  it('believes the source before the words', () => {
    expect(languageOf(callOf([['agent', 'how can I help you with the order']], { language: 'nl' }))).toBe('nl');
  });
});
