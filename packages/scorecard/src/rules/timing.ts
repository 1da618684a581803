/** Rules about time. None of them guesses: without measured times the answer is N/A. */
import { type Check, EVIDENCE_MAX, type Finding, measured, na, point } from '../finding.ts';
import type { RingRule, SilenceRule, SpeechRateRule, TalkOverRule } from '../form/rule-schema.ts';
import type { CallView } from '../view.ts';
import { type Compile, turnsBefore } from './common.ts';
import { saidRate, saidRing, saidSilence } from './said.ts';

/** Shorter agent turns inside the customer's ("mm", "嗯") are listening, not interrupting. In folded characters. */
const LISTENING_CHARS_MAX = 3;
const SPEECH_SECONDS_MIN = 10;

/** Why times cannot be told; null: they can. */
function untimed(view: CallView): Finding | null {
  if (view.segments.length === 0) return na('no-transcript');
  if (view.call.channel !== 'voice') return na('not-voice');
  if (!view.timed || view.segments.some((one) => one.startMs === undefined || one.endMs === undefined))
    return na('no-timing');
  return null;
}

export function silence(rule: SilenceRule, compile: Compile): Check {
  const announcement = compile(rule.announcedBy);
  return (view) => {
    const blocked = untimed(view);
    if (blocked) return blocked;
    if (view.agent.places.length === 0) return na('speakers-unknown');
    const evidence: Finding['evidence'][number][] = [];
    let quietFrom: number | undefined;
    for (let at = 0; at < view.segments.length; at++) {
      const { startMs = 0, endMs = 0 } = view.segments[at] ?? {};
      if (quietFrom !== undefined && startMs - quietFrom > rule.seconds * 1_000) {
        const [from, to] = turnsBefore(view.agent, at, rule.turns);
        if (view.agent.find(announcement, from, to) === null)
          evidence.push(measured(quietFrom, startMs, saidSilence(view, startMs - quietFrom)));
      }
      quietFrom = Math.max(quietFrom ?? 0, endMs);
    }
    return evidence.length > 0
      ? { value: 'no', reason: 'silence-found', evidence: evidence.slice(0, EVIDENCE_MAX) }
      : { value: 'yes', reason: 'no-silence', evidence: [] };
  };
}

export function talkOver(rule: TalkOverRule): Check {
  return (view) => {
    const blocked = untimed(view);
    if (blocked) return blocked;
    if (view.agent.places.length === 0 || view.customer.places.length === 0) return na('speakers-unknown');
    const turns = view.segments
      .map((segment, at) => ({ at, startMs: segment.startMs ?? 0, endMs: segment.endMs ?? 0, role: view.roles[at] }))
      .sort((a, b) => a.startMs - b.startMs || a.at - b.at);
    const interrupted = new Map<number, number>();
    let speaking: (typeof turns)[number] | undefined;
    for (const turn of turns) {
      if (turn.role === 'customer' && (speaking === undefined || turn.endMs > speaking.endMs)) speaking = turn;
      if (turn.role !== 'agent' || speaking === undefined) continue;
      const inside = turn.startMs > speaking.startMs && speaking.endMs - turn.startMs >= rule.seconds * 1_000;
      const listening = (view.folded[turn.at]?.length ?? 0) <= LISTENING_CHARS_MAX;
      if (inside && !listening && !interrupted.has(speaking.at)) interrupted.set(speaking.at, turn.at);
    }
    const evidence = [...interrupted.values()].slice(0, EVIDENCE_MAX).map((at) => point(view, at));
    return interrupted.size >= rule.times
      ? { value: 'no', reason: 'talked-over', evidence }
      : { value: 'yes', reason: 'no-talk-over', evidence };
  };
}

export function speechRate(rule: SpeechRateRule): Check {
  const count = rule.unit === 'words' ? wordsIn : charsIn;
  return (view) => {
    const blocked = untimed(view);
    if (blocked) return blocked;
    if (view.agent.places.length === 0) return na('speakers-unknown');
    let units = 0;
    let spokenMs = 0;
    for (const at of view.agent.places) {
      const { startMs = 0, endMs = 0 } = view.segments[at] ?? {};
      units += count(view.folded[at] ?? '');
      spokenMs += Math.max(0, endMs - startMs);
    }
    if (spokenMs < (rule.minSeconds ?? SPEECH_SECONDS_MIN) * 1_000) return na('too-little-speech');
    const rate = Math.round((units * 60_000) / spokenMs);
    const evidence = [{ text: saidRate(view, rate, rule.unit, rule.minPerMinute, rule.maxPerMinute) }];
    if (rate > rule.maxPerMinute) return { value: 'no', reason: 'too-fast', evidence };
    if (rate < rule.minPerMinute) return { value: 'no', reason: 'too-slow', evidence };
    return { value: 'yes', reason: 'rate-in-range', evidence };
  };
}

const wordsIn = (folded: string): number => (folded === '' ? 0 : folded.split(' ').length);

/** A Han character or a digit is one unit, a Latin letter a third: what takes about the same time to say. */
function charsIn(folded: string): number {
  let units = 0;
  for (let i = 0; i < folded.length; i++) {
    const unit = folded.charCodeAt(i);
    if (unit >= 97 && unit <= 122) units += 1 / 3;
    else if (unit !== 32) units += 1;
  }
  return units;
}

export function ring(rule: RingRule): Check {
  return (view) => {
    if (view.call.channel !== 'voice') return na('not-voice');
    if (view.call.direction === 'outbound') return na('outbound');
    const rang = view.call.ringSeconds;
    if (rang === undefined) return na('no-ring-data');
    const perRing = secondsPerRing(rule, view.language);
    const limit = rule.rings * perRing;
    const evidence = [{ text: saidRing(view, rang, rule.rings, limit) }];
    return rang <= limit
      ? { value: 'yes', reason: 'answered-in-time', evidence }
      : { value: 'no', reason: 'answered-late', evidence };
  };
}

/** The entry of the longest matching language tag: zh-TW before zh before default. */
function secondsPerRing(rule: RingRule, language: string | undefined): number {
  const table = new Map(Object.entries(rule.secondsPerRing).map(([tag, value]) => [tag.toLowerCase(), value]));
  let tag = (language ?? '').toLowerCase();
  while (tag !== '') {
    const found = table.get(tag);
    if (found !== undefined) return found;
    tag = tag.includes('-') ? tag.slice(0, tag.lastIndexOf('-')) : '';
  }
  return table.get('default') ?? 5;
}
