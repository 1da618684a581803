/** Whether the customer's wish came back in the agent's words. */
import { type Check, lookedAt, quote } from '../finding.ts';
import type { RestatedRule } from '../form/rule-schema.ts';
import { isHan } from '../text/normalize.ts';
import type { CallView } from '../view.ts';
import { type Compile, unanswerable } from './common.ts';

/** How far back the customer's words are compared. */
const PLACES_BACK = 6;
const WORD_LETTERS_MIN = 4;

export function restated(rule: RestatedRule, compile: Compile): Check {
  const saysSo = compile(rule.any);
  const tag = compile(rule.tags);
  return (view) => {
    const blocked = unanswerable(view, 'agent') ?? unanswerable(view, 'customer');
    if (blocked) return blocked;
    // Before the customer has spoken there is nothing to restate.
    const first = view.agent.rank(view.customer.places[0] ?? 0);
    const direct = view.agent.find(saysSo, first);
    if (direct) return { value: 'yes', reason: 'phrase-found', evidence: [quote(view, direct)] };
    for (const hit of view.agent.findAll(tag, view.agent.places.length, first)) {
      if (overlap(view, hit.at) >= rule.overlap)
        return { value: 'yes', reason: 'repeated-and-asked', evidence: [quote(view, hit)] };
    }
    return { value: 'no', reason: 'not-found', evidence: lookedAt(view, view.agent.places.slice(first)) };
  };
}

/** How many content words (Latin) or pairs of characters (Han) the turn shares with what the customer said shortly before. */
function overlap(view: CallView, at: number): number {
  const before = new Set<string>();
  for (let place = Math.max(0, at - PLACES_BACK); place < at; place++) {
    if (view.roles[place] === 'customer') for (const word of wordsOf(view.folded[place] ?? '')) before.add(word);
  }
  let shared = 0;
  for (const word of new Set(wordsOf(view.folded[at] ?? ''))) if (before.has(word)) shared++;
  return shared;
}

/** Numbers are left out: repeating a number is not restating a wish. */
function* wordsOf(folded: string): Generator<string> {
  for (const run of folded.match(/[\u3400-\u9fff]+|[a-z]+/g) ?? []) {
    if (!isHan(run.charCodeAt(0))) {
      if (run.length >= WORD_LETTERS_MIN) yield run;
    } else for (let i = 0; i + 1 < run.length; i++) yield run.slice(i, i + 2);
  }
}
