import { EvaluationEvents, QaEvents, TrainingEvents } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { en } from '../web/i18n/en.ts';
import { zh } from '../web/i18n/zh.ts';

const HAN = /[\u4e00-\u9fff]/;

/** Every text with its path; of a function, what it says of `1`, `2` …, which no text may lose. */
function texts(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node === 'function') return [[path, String(node(...['1', '2', '3'].slice(0, node.length)))]];
  return Object.entries(node as object).flatMap(([key, value]) => texts(value, path === '' ? key : `${path}.${key}`));
}

describe('the Chinese texts', () => {
  it('exist for each English one', () => {
    expect(texts(zh).map(([path]) => path)).toEqual(texts(en).map(([path]) => path));
  });

  it('use full-width punctuation between Chinese words', () => {
    const half = texts(zh).filter(([, text]) => /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(text));
    expect(half).toEqual([]);
  });

  it('are Chinese', () => {
    const same = /^(locale|mark\..*|app\.otherLanguage|app\.title|case\.(title|moved)|call\.surveyScore)$/;
    expect(texts(zh).filter(([path, text]) => !HAN.test(text) && !same.test(path))).toEqual([]);
  });
});

it('every event of the loop has a word in the feed', () => {
  const types = [QaEvents, TrainingEvents, EvaluationEvents].flatMap((events) => Object.keys(events));
  expect(types.filter((type) => !Object.hasOwn(en.terms.event, type))).toEqual([]);
});
