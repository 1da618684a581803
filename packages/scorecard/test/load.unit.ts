import { describe, expect, it } from 'vitest';
import { compileForm, FormError, parseForm, parseLexicon } from '../src/index.ts';

const FORM = `id: demo
version: 1
title: { en: Demo, zh: 演示 }
languages: [en]
channels: [voice]
passMark: 75
lexicon: words.v1
sections:
  - id: s1
    title: { en: One, zh: 一 }
    weight: 1
    questions:
      - id: q1
        title: { en: Q, zh: 问 }
        competency: call-control
        weight: 1
        rule: { said: { any: ['{hello}'] } }
`;
const LEXICON = parseLexicon('id: words.v1\nsets:\n  hello: [hello, good day]\n', 'words.yaml');

const fault = (yaml: string): FormError => {
  try {
    compileForm(parseForm(yaml, 'demo.yaml', [LEXICON]));
  } catch (error) {
    if (error instanceof FormError) return error;
    throw error;
  }
  throw new Error('should have been refused');
};

describe('forms in YAML', () => {
  it('are read, with the phrase sets they share', () => {
    expect(parseForm(FORM, 'demo.yaml', [LEXICON]).sets).toEqual({ hello: ['hello', 'good day'] });
  });

  it.each([
    ['passMark: 75', 'passMark: 175', 'FORM_INVALID', 6, '/passMark'],
    ['weight: 1\n    questions', 'wieght: 1\n    questions', 'FORM_INVALID', 9, '/sections/0/weight'],
    ['{ said:', '{ sayd:', 'FORM_INVALID', 17, '/sections/0/questions/0/rule'],
    ['words.v1\nsec', 'words.v9\nsec', 'FORM_INVALID', 7, '/lexicon'],
    ['title: { en: One', 'title: { en: One, fr: Un', 'FORM_INVALID', 10, '/sections/0/title/fr'],
    ['version: 1', 'version: [', 'FORM_SYNTAX', undefined, ''],
  ])('%j → %j is refused with its line', (from, to, code, line, pointer) => {
    const error = fault(FORM.replace(from, to));
    expect(error.code).toBe(code);
    if (line !== undefined) expect(error.line).toBe(line);
    expect(error.message).toMatch(/^demo\.yaml:\d+: /);
    expect(error.pointer.startsWith(pointer)).toBe(true);
  });

  it('a phrase that cannot be read names its question', () => {
    expect(fault(FORM.replace("'{hello}'", "'(hello'")).message).toMatch(
      /question q1: The phrase "\(hello" opens a bracket/,
    );
  });

  it('two questions of one name are refused', () => {
    const twice = FORM + FORM.slice(FORM.indexOf('      - id: q1'));
    expect(fault(twice).message).toMatch(/demo\.yaml:18: .*another question "q1"/);
  });
});
