/** Answers and their evidence as lines of text: the same in `score` and `why`. */
import type { Answer, Evidence } from '@coachloop/contracts';
import { clockOf, dim, markOf, numberOf, quote } from './format.ts';

/** Question id → what it asks. */
export type Titles = ReadonlyMap<string, string>;

export function answerLines(answer: Answer, titles: Titles): string[] {
  const { questionId, value, weight, critical, autoFail, reason, evidence } = answer;
  const notes = [
    value === 'na' ? 'N/A' : `${numberOf(weight)} %`,
    ...(critical ? ['critical'] : []),
    ...(autoFail ? ['auto-fail'] : []),
    reason,
  ];
  return [
    `  ${markOf(value)} ${titles.get(questionId) ?? questionId}  ${dim(`${questionId} · ${notes.join(' · ')}`)}`,
    ...evidence.map((each) => `      ${evidenceLine(each)}`),
  ];
}

/** Where it is in the call, and the words; without words (a silence, the rings) what was measured. */
export function evidenceLine({ segment, startMs, endMs, text }: Evidence): string {
  const from = startMs === undefined ? '' : clockOf(startMs);
  const to = endMs === undefined || endMs === startMs ? '' : `–${clockOf(endMs)}`;
  const place = [...(segment === undefined ? [] : [`#${segment}`]), ...(from === '' ? [] : [`${from}${to}`])].join(' ');
  return `${place === '' ? '' : `${dim(place)}  `}${segment === undefined ? quote(text) : `“${quote(text)}”`}`;
}

interface Sections {
  readonly sections: readonly {
    readonly questions: readonly {
      readonly id: string;
      readonly title: { readonly en: string; readonly zh: string };
    }[];
  }[];
}

/** In the language of the call. */
export const titlesOf = (form: Sections | null | undefined, language: string | undefined): Titles =>
  new Map(
    (form?.sections ?? [])
      .flatMap(({ questions }) => questions)
      .map(({ id, title }) => [id, language?.startsWith('zh') ? title.zh : title.en]),
  );
