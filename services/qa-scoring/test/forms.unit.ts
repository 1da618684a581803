import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvaluationResult, faultOf } from '@coachloop/contracts';
import { FormError } from '@coachloop/scorecard';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate, loadForms, scoreRecord } from '../src/index.ts';
import { EN_BAD, EN_GOOD, record, ZH_GOOD } from './calls.ts';

const forms = loadForms();
const COMPETENCIES = [
  'call-control',
  'complaint-handling',
  'identity-verification',
  'needs-analysis',
  'opening-closing',
  'problem-solving',
  'service-attitude',
];
const valuesOf = (result: EvaluationResult | null) =>
  Object.fromEntries(result?.answers.map((answer) => [answer.questionId, answer.value]) ?? []);

describe('default forms', () => {
  it('are there for both languages and channels, and for any other', () => {
    expect(forms.map(({ form }) => `${form.id}/${form.version}`)).toEqual([
      'any/1',
      'en.chat/1',
      'en.chat/2',
      'en.voice/1',
      'en.voice/2',
      'zh.chat/1',
      'zh.chat/2',
      'zh.voice/1',
      'zh.voice/2',
    ]);
  });

  it('ask about every competency that training is made for; a chat has nothing to control', () => {
    for (const { form, competencies } of forms) {
      if (form.id === 'any') continue;
      const wanted = form.id.endsWith('voice') ? COMPETENCIES : COMPETENCIES.filter((one) => one !== 'call-control');
      expect([...competencies].sort()).toEqual(wanted);
    }
  });

  it('identity is critical, a forbidden phrase fails the form, 75 passes', () => {
    for (const { form, questions } of forms) {
      if (form.id === 'any') continue;
      expect(form.passMark).toBe(75);
      expect(questions.filter(({ question }) => question.critical).map(({ question }) => question.id)).toEqual([
        'identity-checked',
      ]);
      expect(questions.filter(({ question }) => question.autoFail).map(({ question }) => question.id)).toEqual([
        'no-forbidden-phrase',
      ]);
    }
  });

  it.each([
    ['English', record('good', EN_GOOD, { ringSeconds: 9 })],
    ['Chinese', record('zh', ZH_GOOD, { ringSeconds: 9 })],
  ])('a good %s call meets every norm that applies', (_, call) => {
    const result = evaluate(forms, call);
    expect(Object.entries(valuesOf(result)).filter(([, value]) => value === 'no')).toEqual([]);
    expect(result).toMatchObject({ score: 100, criticalScore: 100, passed: true });
    expect(faultOf(EvaluationResult, result)).toBeNull();
  });

  it('a bad call fails, with the forbidden words as evidence', () => {
    const result = evaluate(forms, record('bad', EN_BAD, { ringSeconds: 40 }));
    expect(result).toMatchObject({ passed: false, autoFailedBy: ['no-forbidden-phrase'] });
    expect(result?.score).toBeLessThan(30);
    const forbidden = result?.answers.find((answer) => answer.questionId === 'no-forbidden-phrase');
    expect(forbidden?.evidence[0]).toMatchObject({ segment: 2, text: "That's not my problem" });
  });

  it('version 2: blame fails the form, a contradiction is a dispute, and an idle sentence is no solution', () => {
    const bad: readonly ['agent' | 'customer', string][] = [
      ['agent', 'Hello, this is Kim speaking.'],
      ['customer', 'My parcel has not come.'],
      ['agent', 'It shows Bristol as the depot, and we have your number on file.'],
      ['agent', 'Stop shouting at me, you should have checked the address.'],
      ['agent', 'That is simply not true, and I do not believe you.'],
      ['customer', 'I see.'],
      ['agent', 'Could you hold for about two minutes?'],
      ['agent', 'Goodbye.'],
    ];
    const values = valuesOf(evaluate(forms, record('bad', bad)));
    expect(values).toMatchObject({
      'no-forbidden-phrase': 'no',
      courtesy: 'no',
      'no-dispute': 'no',
      'solved-or-promised': 'no',
    });
    const first = forms.filter(({ form }) => form.version === 1);
    expect(valuesOf(evaluate(first, record('bad', bad)))).toMatchObject({
      'no-forbidden-phrase': 'yes',
      'solved-or-promised': 'yes',
    });
  });

  it('as soon as possible is no promise of a time', () => {
    expect(valuesOf(evaluate(forms, record('bad', EN_BAD)))['solved-or-promised']).toBe('no');
  });

  it('a call in another language is asked only what needs no words', () => {
    const result = evaluate(forms, record('fr', [['agent', 'Bonjour']], { language: 'fr', ringSeconds: 9 }));
    expect(result).toMatchObject({ form: { id: 'any', version: 1 }, score: 100 });
  });
});

describe('forms of a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forms-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('the first wrong file is named with its line', () => {
    writeFileSync(join(folder, 'mine.yaml'), 'id: mine\nversion: one\n');
    expect(() => loadForms(folder)).toThrow(FormError);
    expect(() => loadForms(folder)).toThrow(/^mine\.yaml:\d+: \//);
  });

  it('a file may be used by name to score one call, and may share the default lexicons', () => {
    const path = join(folder, 'own.yaml');
    writeFileSync(
      path,
      `id: own
version: 3
title: { en: Own, zh: 自定 }
languages: [en]
channels: [chat]
passMark: 50
lexicon: en.v1
sections:
  - { id: s, title: { en: S, zh: 节 }, weight: 1, questions: [
      { id: bye, title: { en: Bye, zh: 再见 }, competency: opening-closing, weight: 1, rule: { said: { any: ['{goodbye}'] } } } ] }
`,
    );
    expect(scoreRecord(record('good', EN_GOOD), path)).toMatchObject({ form: { id: 'own', version: 3 }, score: 100 });
  });

  it('a form that nobody knows is refused with those that are there', () => {
    expect(() => scoreRecord(record('good', EN_GOOD), 'nope')).toThrow(
      /There is no form "nope"; there are: any\/1, en\.chat\/1/,
    );
    expect(scoreRecord(record('good', EN_GOOD), 'en.chat/1')).toMatchObject({ form: { id: 'en.chat', version: 1 } });
  });
});
