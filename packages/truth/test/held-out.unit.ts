/** The words that the scoring is held against: whole, and none of the simulator's own. */
import { readFileSync } from 'node:fs';
import { createCentre, createDriver, DEFAULT_PHRASES, LANGUAGES, parsePhrases, utterances } from '@coachloop/simulator';
import { expect, it } from 'vitest';

const file = new URL('../phrases/held-out.yaml', import.meta.url);
const heldOut = parsePhrases([{ name: 'held-out.yaml', text: readFileSync(file, 'utf8') }]);

/** Letters alone: a comma more is no other sentence. */
const bare = (text: string) => text.replaceAll(/[\p{P}\s]/gu, '').toLowerCase();
const LETTERS_MIN = { en: 12, zh: 5 } as const;

it.each(LANGUAGES)('has no sentence of the simulator (%s), but for a few words', (language) => {
  const usual = new Set(utterances(DEFAULT_PHRASES[language]).map(({ text }) => bare(text)));
  const said = utterances(heldOut[language]).map(({ text }) => text);
  expect(said.length).toBeGreaterThan(150);
  expect(said.filter((text) => bare(text).length > LETTERS_MIN[language] && usual.has(bare(text)))).toEqual([]);
});

it('makes calls of every queue, with its own words alone', () => {
  const centre = createCentre({ seed: 4, agents: 12, phrases: heldOut });
  const driver = createDriver({ centre });
  const events = driver.until(centre.startMs + 4 * 3_600_000);
  const text = events.map((due) => JSON.stringify(due)).join('\n');
  expect(events.length).toBeGreaterThan(100);
  expect(text).toContain(heldOut.en.companies[0]);
  expect(text).not.toContain(DEFAULT_PHRASES.en.companies[0]);
});
