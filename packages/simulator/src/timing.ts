/** From the words to a clock: when each utterance begins and ends, in ms from the start of the contact. */
import type { Segment } from '@coachloop/contracts';
import type { Language } from './behaviours.ts';
import type { Range, SimulatorConfig } from './config.ts';
import type { Random } from './random.ts';
import type { Turn } from './script.ts';

export interface Timed {
  readonly segments: Segment[];
  readonly holds: readonly { readonly startMs: number; readonly endMs: number }[];
  /** When the last utterance is over. */
  readonly endMs: number;
}

export const drawMs = ({ min, max }: Range, random: Random): number => Math.round(random.between(min, max) * 1000);

/** How long an utterance lasts at a pace in words (en) or characters (zh) a minute. */
function spokenMs(text: string, language: Language, perMinute: number): number {
  let units = language === 'en' ? 1 : 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (language === 'en' ? code === 32 : (code >= 0x4e00 && code <= 0x9fff) || (code >= 48 && code <= 57)) units++;
  }
  return Math.max(300, Math.round((units / perMinute) * 60_000));
}

export interface TimingInput {
  readonly turns: readonly Turn[];
  readonly language: Language;
  readonly times: SimulatorConfig['times'];
  /** Whether the agent keeps a normal pace. */
  readonly keepsPace: boolean;
  /** When the agent answered. */
  readonly startMs: number;
}

export function timeVoice({ turns, language, times, keepsPace, startMs }: TimingInput, random: Random): Timed {
  const pace = times.pace[language];
  const paces = {
    agent: random.between(...ends(keepsPace ? pace.normal : pace.fast)),
    customer: random.between(...ends(pace.normal)),
  };
  const segments: Segment[] = [];
  const holds: { startMs: number; endMs: number }[] = [];
  let clock = startMs;
  let lastStart = startMs;
  for (const [index, turn] of turns.entries()) {
    let begin = clock + drawMs(times.voicePauseSeconds, random);
    if (turn.before === 'over') begin = Math.max(lastStart + 400, clock - drawMs(times.talkOverSeconds, random));
    if (turn.before === 'silence') begin = clock + drawMs(times.silenceSeconds, random);
    if (turn.before === 'hold') {
      const hold = { startMs: clock + 800, endMs: clock + 800 + drawMs(times.holdSeconds, random) };
      holds.push(hold);
      begin = hold.endMs + 700;
    }
    const end = begin + spokenMs(turn.text, language, paces[turn.speaker]);
    segments.push({ index, speaker: turn.speaker, text: turn.text, startMs: begin, endMs: end });
    clock = Math.max(clock, end);
    lastStart = begin;
  }
  return { segments, holds, endMs: clock };
}

/** A chat knows when a message was sent, and no more. */
export function timeChat({ turns, times, startMs }: TimingInput, random: Random): Timed {
  let clock = startMs;
  const segments = turns.map(({ speaker, text }, index): Segment => {
    clock += drawMs(times.chatPauseSeconds, random);
    return { index, speaker, text, startMs: clock, endMs: clock };
  });
  return { segments, holds: [], endMs: clock };
}

const ends = ({ min, max }: Range): [number, number] => [min, max];
