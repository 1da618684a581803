/** The simulator's words and the forms' words: enough of what is said must be foreign to the forms, and then they must not pretend. */
import type { CallRecord, Transcript } from '@coachloop/contracts';
import { evaluate, loadForms } from '@coachloop/qa-scoring';
import { type CompiledForm, compileForm, score } from '@coachloop/scorecard';
import { calls, createCentre, type Language } from '@coachloop/simulator';
import { describe, expect, it } from 'vitest';

const forms = loadForms();
const AT = '2026-01-05T09:00:00.000Z';

type Said = Pick<Transcript['segments'][number], 'speaker' | 'text'>;
const record = (language: Language, said: readonly Said[]): CallRecord => ({
  ...{ callId: '00000000-0000-4000-8000-000000000001', source: 'test', sourceCallId: '1', revision: 1 },
  ...{ agentId: 'agent', channel: 'chat', language, startedAt: AT, endedAt: AT, holds: [], transfers: 0 },
  ...{
    abandoned: false,
    openCases: false,
    direction: 'inbound',
    missing: [],
    transcript: { language, timing: 'sent', segments: said.map((each, index) => ({ index, ...each })) },
  },
});

/** Every phrase that a rule may hold, wherever it stands. */
function phrasesOf(rule: unknown): string[] {
  if (typeof rule === 'string') return [rule];
  if (typeof rule !== 'object' || rule === null) return [];
  const words = Object.entries(rule).filter(([key]) => !['by', 'direction', 'channel', 'unit', 'except'].includes(key));
  return words.flatMap(([, value]) => phrasesOf(value));
}

/** A form of one question: is any phrase of any form of the language said at all? */
function anyPhrase(language: Language): CompiledForm {
  const own = forms.filter(({ form }) => form.languages.includes(language));
  return compileForm({
    ...{
      id: 'any-phrase',
      version: 1,
      title: { en: 'x', zh: 'x' },
      languages: [language],
      channels: ['chat'],
      passMark: 50,
    },
    sections: own.map(({ form, questions }, i) => ({
      ...{ id: `s${i}`, title: { en: 'x', zh: 'x' }, weight: 1 },
      questions: [
        {
          ...{ id: `${form.id}-${form.version}`, title: { en: 'x', zh: 'x' }, competency: 'x', weight: 1 },
          rule: {
            said: {
              by: 'any' as const,
              any: [
                ...new Set(
                  questions.flatMap(({ question }) => [...phrasesOf(question.rule), ...phrasesOf(question.when)]),
                ),
              ],
            },
          },
        },
      ],
    })),
    sets: Object.assign({}, ...own.map(({ form }) => form.sets ?? {})),
  });
}

describe.each(['en', 'zh'] as const)('what is said in the synthetic centre (%s)', (language) => {
  const form = anyPhrase(language);
  const centre = createCentre({ seed: 12, agents: 20 });
  const said = [...calls(centre, 120)]
    .filter(({ truth }) => truth.language === language && truth.agentKey !== null)
    .flatMap(({ events }) => events.filter(({ event }) => event.type === 'transcript.completed'))
    .flatMap(({ event }) => (event.data as { transcript: Transcript }).transcript.segments);
  const known = new Map<string, boolean>();
  const isKnown = (text: string) => {
    const found =
      known.get(text) ??
      score(form, record(language, [{ speaker: 'agent', text }])).answers.some(({ value }) => value === 'yes');
    known.set(text, found);
    return found;
  };
  const foreign = said.filter(({ text }) => !isKnown(text));

  it('is to at least 30 % without any phrase of any form', () => {
    expect(said.length).toBeGreaterThan(500);
    expect(foreign.length / said.length).toBeGreaterThanOrEqual(0.3);
    // The measure itself works: a greeting is known.
    expect(isKnown(language === 'en' ? 'Good morning, how can I help?' : '您好,请问有什么可以帮您?')).toBe(true);
  });

  it('of that the scoring claims nothing: no norm is met but those that nothing was said against, and each miss says where it looked', () => {
    const words = foreign
      .slice(0, 24)
      .map(({ text }, i) => ({ speaker: i % 2 ? ('customer' as const) : ('agent' as const), text }));
    const result = evaluate(forms, record(language, words));
    const yes = result?.answers.filter(({ value }) => value === 'yes').map(({ questionId }) => questionId);
    expect(new Set(yes).difference(new Set(['no-dispute', 'no-forbidden-phrase', 'standard-language']))).toEqual(
      new Set(),
    );
    const missed = result?.answers.filter(({ value }) => value === 'no') ?? [];
    expect(missed.map(({ questionId }) => questionId)).toEqual(
      expect.arrayContaining(['greeting', 'closing', 'courtesy', 'need-confirmed']),
    );
    for (const { questionId, reason, evidence } of missed) {
      expect(reason, questionId).not.toBe('');
      expect(evidence.length, questionId).toBeGreaterThan(0);
    }
    for (const { questionId, reason } of result?.answers.filter(({ value }) => value === 'na') ?? [])
      expect(reason, questionId).not.toBe('');
  });
});
