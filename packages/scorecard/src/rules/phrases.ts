/** Rules about what was said. */
import { type Check, EVIDENCE_MAX, lookedAt, na, quote } from '../finding.ts';
import type { NotOverusedRule, NotSaidRule, SaidRule } from '../form/rule-schema.ts';
import type { Mention } from '../speech.ts';
import { offsetsOf } from '../text/normalize.ts';
import type { CallView } from '../view.ts';
import { type Compile, perhapsSaid, rangeOf, speechOf, unanswerable, uncovered } from './common.ts';

/** Mentions looked at in one call before giving up on finding one that no exception covers. */
const MENTIONS_MAX = 200;

export function said(rule: SaidRule, compile: Compile): Check {
  const by = rule.by ?? 'agent';
  // By sound only in the agent's favour: what a customer said may oblige the agent, and that takes the words.
  const wanted = compile(rule.any, { exact: by !== 'agent' });
  const except = rule.except ? compile(rule.except, { exact: true }) : null;
  const turns = rule.turns ?? 1;
  return (view) => {
    const blocked = unanswerable(view, by);
    if (blocked) return blocked;
    const speech = speechOf(view, by);
    const range = rangeOf(view, speech, rule.within);
    if (range === null) return na('no-timing');
    const [from, to] = range;
    if (turns === 1 && except === null) {
      const hit = speech.find(wanted, from, to);
      if (hit) return { value: 'yes', reason: foundReason(hit), evidence: [quote(view, hit)] };
    } else {
      const hits = uncovered(view, speech.findAll(wanted, MENTIONS_MAX, from, to, except !== null), except);
      if (new Set(hits.map((hit) => hit.at)).size >= turns)
        return {
          value: 'yes',
          reason: 'phrase-found',
          evidence: hits.slice(0, EVIDENCE_MAX).map((hit) => quote(view, hit)),
        };
    }
    if (perhapsSaid(view, by, wanted)) return na('speakers-unknown');
    return { value: 'no', reason: 'not-found', evidence: lookedAt(view, speech.places.slice(from, to)) };
  };
}

const foundReason = (hit: Mention): string => (hit.bySound ? 'phrase-found-by-sound' : 'phrase-found');

export function notSaid(rule: NotSaidRule, compile: Compile): Check {
  const by = rule.by ?? 'agent';
  // Only as written: an accusation needs the words, not their sound.
  const forbidden = compile(rule.any, { exact: true });
  const except = rule.except ? compile(rule.except, { exact: true }) : null;
  return (view) => {
    const blocked = unanswerable(view, by);
    if (blocked) return blocked;
    const speech = speechOf(view, by);
    const range = rangeOf(view, speech, rule.within);
    if (range === null) return na('no-timing');
    const all = speech.findAll(forbidden, MENTIONS_MAX, range[0], range[1], true);
    const hits = uncovered(view, all, except).filter((hit) => !isQuoted(view, hit));
    if (hits.length > 0)
      return {
        value: 'no',
        reason: 'phrase-found',
        evidence: hits.slice(0, EVIDENCE_MAX).map((hit) => quote(view, hit)),
      };
    if (perhapsSaid(view, by, forbidden)) return na('speakers-unknown');
    return { value: 'yes', reason: 'none-found', evidence: [] };
  };
}

const OPENING = new Set(['“', '「', '『', '«', '《']);
const CLOSING = new Set(['”', '」', '』', '»', '》']);

/** Whether the words stand in quotation marks: then they are somebody else's. */
function isQuoted(view: CallView, hit: Mention): boolean {
  const text = view.segments[hit.at]?.text ?? '';
  const offsets = offsetsOf(text);
  let depth = 0;
  let straight = 0;
  for (let i = 0; i < (offsets[hit.start] ?? 0); i++) {
    const char = text[i] ?? '';
    if (OPENING.has(char)) depth++;
    else if (CLOSING.has(char)) depth = Math.max(0, depth - 1);
    else if (char === '"') straight++;
  }
  return depth > 0 || straight % 2 === 1;
}

export function notOverused(rule: NotOverusedRule, compile: Compile): Check {
  const phrases = rule.any.map((phrase) => compile([phrase], { exact: true }));
  return (view) => {
    const blocked = unanswerable(view, 'agent');
    if (blocked) return blocked;
    const speech = view.agent;
    if (speech.places.length < rule.turns) return { value: 'yes', reason: 'none-found', evidence: [] };
    for (const phrase of phrases) {
      const hits = speech.findAll(phrase, speech.places.length);
      if (hits.length >= rule.turns && hits.length >= rule.share * speech.places.length)
        return {
          value: 'no',
          reason: 'phrase-overused',
          evidence: hits.slice(0, EVIDENCE_MAX).map((hit) => quote(view, hit)),
        };
    }
    return { value: 'yes', reason: 'none-found', evidence: [] };
  };
}
