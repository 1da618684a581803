import { callIdOf, type Transcript } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import {
  BEHAVIOURS,
  calls,
  chanceShown,
  createCentre,
  DEFAULT_CONFIG,
  DEFAULT_PHRASES,
  type Phrases,
  parseConfig,
  type SimulatedCall,
  truth,
  truthLines,
} from '../src/index.ts';

/** Many weak agents, so that every lack is seen in both languages. */
const CONFIG = parseConfig('agents: { weakShare: 0.6 }');
const centre = createCentre({ seed: 31, agents: 40, config: CONFIG });
const sample = [...calls(centre, 8000)];
const transcriptOf = (call: SimulatedCall) =>
  (
    call.events.find(({ event }) => event.type === 'transcript.completed')?.event.data as
      | { transcript: Transcript }
      | undefined
  )?.transcript;

/** Whether a text is a filling of one of the templates. */
const recognizer = (phrases: Phrases, occasion: keyof Phrases['agent']) => {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const patterns = phrases.agent[occasion].map(({ texts }) => new RegExp(`^${texts.map(literal).join('.+')}$`));
  return (text: string) => patterns.some((pattern) => pattern.test(text));
};

describe('what an agent does', () => {
  it('follows the true level, with the noise set, for every behaviour', () => {
    for (const behaviour of BEHAVIOURS) {
      const { competency, ...difficulty } = DEFAULT_CONFIG.behaviours[behaviour];
      for (const weak of [true, false]) {
        const agents = centre.agents.filter((agent) => agent.weak.includes(competency) === weak);
        const keys = new Map(agents.map((agent) => [agent.key, agent.levels[competency]]));
        let [shown, occasions, expected, variance] = [0, 0, 0, 0];
        for (const { truth } of sample) {
          const level = keys.get(truth.agentKey ?? '');
          const done = truth.shown[behaviour];
          if (level === undefined || done === undefined) continue;
          const chance = chanceShown(level, difficulty, DEFAULT_CONFIG.noise);
          occasions++;
          shown += done ? 1 : 0;
          expected += chance;
          variance += chance * (1 - chance);
        }
        // Four standard deviations; the seed is fixed, so this either holds or does not.
        expect(Math.abs(shown - expected), `${behaviour}, weak: ${weak}`).toBeLessThan(4 * Math.sqrt(variance) + 1);
        if (keys.size > 0) expect(occasions).toBeGreaterThan(50);
      }
    }
  });

  it('is said in the words of its list, and left unsaid where it was not done', () => {
    const spoken = [
      ['greets', 'greeting', 'noGreeting'],
      ['verifies-identity', 'verify', 'noVerify'],
      ['uses-courtesy', 'courtesy', 'noCourtesy'],
      ['restates-need', 'restate', null],
      ['empathises', 'empathy', 'noEmpathy'],
      ['commits-follow-up', 'followUp', 'noFollowUp'],
      ['announces-hold', 'hold', null],
      ['offers-solution', 'promise', 'noSolution'],
      ['stays-polite', null, 'rude'],
      ['avoids-dispute', null, 'dispute'],
      ['asks-satisfaction', 'askSatisfied', null],
      ['closes', 'closing', 'noClosing'],
    ] as const;
    for (const [behaviour, yes, no] of spoken)
      for (const language of ['en', 'zh'] as const) {
        const phrases = DEFAULT_PHRASES[language];
        const [isYes, isNo] = [yes && recognizer(phrases, yes), no && recognizer(phrases, no)];
        const heard = { true: 0, false: 0 };
        for (const call of sample) {
          const done = call.truth.shown[behaviour];
          const texts = transcriptOf(call)?.segments.map(({ text }) => text);
          if (call.truth.language !== language || done === undefined || !texts) continue;
          heard[`${done}`]++;
          if (isYes) expect(texts.some(isYes), `${behaviour}: ${texts.join(' | ')}`).toBe(done);
          if (isNo) expect(texts.some(isNo), `${behaviour}: ${texts.join(' | ')}`).toBe(!done);
        }
        expect(Math.min(heard.true, heard.false), `${behaviour} in ${language}`).toBeGreaterThan(5);
      }
  });

  it('is heard where it is no word: silence, talking over, pace, rings', () => {
    let lapses = 0;
    for (const call of sample) {
      const segments = transcriptOf(call)?.segments;
      if (!segments || call.truth.channel !== 'voice') continue;
      const held = call.events.some(({ event }) => event.type === 'call.held');
      let [silence, over] = [0, 0];
      for (const [index, segment] of segments.entries()) {
        const before = segments[index - 1];
        if (before?.endMs === undefined || segment.startMs === undefined) continue;
        silence = Math.max(silence, segment.startMs - before.endMs);
        over = Math.max(over, before.endMs - segment.startMs);
      }
      if (!held) expect(silence > 20_000).toBe(call.truth.shown['avoids-silence'] === false);
      expect(over > 0).toBe(call.truth.shown['avoids-talk-over'] === false);
      lapses += over > 0 ? 1 : 0;
      const at = (type: string) => call.events.find(({ event }) => event.type === type)?.atMs ?? 0;
      expect(at('call.answered') - at('call.ringing') > 15_000).toBe(call.truth.shown['answers-promptly'] === false);
      expect(paceOf(call, segments) > 1.25).toBe(call.truth.shown['keeps-pace'] === false);
    }
    expect(lapses).toBeGreaterThan(100);
  });
});

/** The agent's speed as a multiple of what is usual in the language. */
function paceOf({ truth }: SimulatedCall, segments: Transcript['segments']): number {
  const said = segments.filter(({ speaker }) => speaker === 'agent');
  const units = said.map(({ text }) =>
    truth.language === 'en' ? text.split(' ').length : (text.match(/[\u4e00-\u9fff0-9]/g)?.length ?? 0),
  );
  const minutes = said.reduce((sum, { startMs = 0, endMs = 0 }) => sum + endMs - startMs, 0) / 60_000;
  return units.reduce((sum, n) => sum + n, 0) / minutes / (truth.language === 'en' ? 150 : 220);
}

describe('the centre', () => {
  it('has exactly the share of weak agents and languages asked for', () => {
    expect(createCentre({ seed: 31, agents: 40 }).agents.filter(({ weak }) => weak.length > 0)).toHaveLength(8);
    expect(createCentre({ seed: 31, agents: 40 }).agents.filter(({ language }) => language === 'en')).toHaveLength(24);
    for (const { weak, levels } of createCentre({ seed: 31, agents: 40 }).agents)
      for (const [competency, level] of Object.entries(levels))
        expect(level < 0.7).toBe((weak as readonly string[]).includes(competency));
  });

  it('uses every queue, topic and both channels, in both languages', () => {
    for (const language of ['en', 'zh']) {
      const of = sample.filter(({ truth }) => truth.language === language);
      expect(new Set(of.map(({ truth }) => truth.topic)).size).toBe(6);
      expect(new Set(of.map(({ truth }) => truth.channel)).size).toBe(2);
    }
  });

  it('writes its truth as one JSON document and as NDJSON, with our ids beside its own', () => {
    const told = sample.slice(0, 20).map((call) => call.truth);
    const whole = JSON.parse([...truth(centre, told)].join(''));
    expect(whole.seed).toBe(31);
    expect(whole.agents).toHaveLength(40);
    expect(whole.calls).toHaveLength(20);
    expect(whole.calls[0].callId).toBe(callIdOf(centre.source, told[0]?.callId ?? ''));
    expect(whole.calls[0].shown).toEqual(told[0]?.shown);
    const lines = [...truthLines(centre, told)].map((line) => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual([...told.map(() => 'call'), 'centre']);
    expect(JSON.parse([...truth(centre, [])].join('')).calls).toEqual([]);
  });
});
