/** Rules about what follows what. */
import { type Check, EVIDENCE_MAX, type Finding, lookedAt, measured, na, point, quote } from '../finding.ts';
import type { AfterRule, FactsRule, HoldAnnouncedRule } from '../form/rule-schema.ts';
import type { Mention } from '../speech.ts';
import type { CallView } from '../view.ts';
import { type Compile, speechOf, turnsAfter, turnsBefore, unanswerable, uncovered } from './common.ts';
import { saidHold } from './said.ts';

const TRIGGERS_MAX = 50;

export function after(rule: AfterRule, compile: Compile): Check {
  const by = rule.trigger.by ?? 'customer';
  const trigger = compile(rule.trigger.any, { exact: true });
  const except = rule.trigger.except ? compile(rule.trigger.except, { exact: true }) : null;
  const response = compile(rule.response);
  return (view) => {
    const blocked = unanswerable(view, by) ?? unanswerable(view, 'agent');
    if (blocked) return blocked;
    const every = except !== null;
    const triggers = uncovered(
      view,
      speechOf(view, by).findAll(trigger, TRIGGERS_MAX, undefined, undefined, every),
      except,
    );
    if (triggers.length === 0) return na('no-trigger');
    const answered: { trigger: Mention; answer: Mention }[] = [];
    const open: Mention[] = [];
    for (const one of triggers) {
      const [from, to] = turnsAfter(view.agent, one.at, rule.turns);
      if (from === to) continue;
      const answer = view.agent.find(response, from, to);
      if (answer) answered.push({ trigger: one, answer });
      else open.push(one);
    }
    const found = answered[0];
    if (found && (rule.each !== true || open.length === 0))
      return { value: 'yes', reason: 'answered', evidence: [quote(view, found.trigger), quote(view, found.answer)] };
    return open.length === 0 ? na('no-turn-after') : unansweredFinding(view, open, rule.turns);
  };
}

function unansweredFinding(view: CallView, open: readonly Mention[], turns: number): Finding {
  const shown = open.slice(0, 2).flatMap((trigger) => {
    const [from, to] = turnsAfter(view.agent, trigger.at, turns);
    return [quote(view, trigger), ...view.agent.places.slice(from, to).map((at) => point(view, at))];
  });
  return { value: 'no', reason: 'unanswered', evidence: shown.slice(0, EVIDENCE_MAX) };
}

export function facts(rule: FactsRule, compile: Compile): Check {
  const asks = compile(rule.asks);
  const kinds = Object.keys(rule.facts).sort();
  const matchers = kinds.map((kind) => compile(rule.facts[kind] ?? []));
  return (view) => {
    const blocked = unanswerable(view, 'agent') ?? unanswerable(view, 'customer');
    if (blocked) return blocked;
    const asked: Mention[] = [];
    for (const matcher of matchers) {
      const hit = askedFor(view, matcher);
      if (hit) asked.push(hit);
    }
    asked.sort((a, b) => a.at - b.at || a.start - b.start);
    const evidence = asked.slice(0, EVIDENCE_MAX).map((hit) => quote(view, hit));
    if (asked.length >= rule.atLeast) return { value: 'yes', reason: 'facts-checked', evidence };
    if (asked.length > 0) return { value: 'no', reason: 'too-few-facts', evidence };
    return { value: 'no', reason: 'not-found', evidence: lookedAt(view, view.agent.places) };
  };

  /** The first turn of the agent that asks for this fact and is followed by an answer. */
  function askedFor(view: CallView, fact: ReturnType<Compile>): Mention | null {
    let from = 0;
    for (;;) {
      const hit = view.agent.find(fact, from);
      if (hit === null) return null;
      const number = view.agent.rank(hit.at);
      const answered = view.customer.rank(hit.at) < view.customer.places.length;
      if (answered && view.agent.has(asks, number)) return hit;
      from = number + 1;
    }
  }
}

export function holdAnnounced(rule: HoldAnnouncedRule, compile: Compile): Check {
  const announcement = compile(rule.any);
  return (view) => {
    const holds = view.call.holds;
    if (holds.length === 0) return na('no-hold');
    const blocked = unanswerable(view, 'agent');
    if (blocked) return blocked;
    const evidence: Finding['evidence'][number][] = [];
    for (const hold of holds) {
      // The last word before the hold may run into it by the delay of the switch.
      const next = view.segments.findIndex((segment) => (segment.startMs ?? -1) > hold.startMs + 500);
      if (view.segments.some((segment) => segment.startMs === undefined)) return na('no-timing');
      const [from, to] = turnsBefore(view.agent, next < 0 ? view.segments.length : next, rule.turns);
      const hit = view.agent.find(announcement, from, to);
      if (hit) evidence.push(quote(view, hit));
      else {
        const words = view.agent.places.slice(from, to).map((at) => point(view, at));
        const endMs = hold.endMs ?? hold.startMs;
        const text = saidHold(view, hold.endMs === undefined ? undefined : endMs - hold.startMs);
        return {
          value: 'no',
          reason: 'not-announced',
          evidence: [measured(hold.startMs, endMs, text), ...words.slice(-2)],
        };
      }
    }
    return { value: 'yes', reason: 'announced', evidence: evidence.slice(0, EVIDENCE_MAX) };
  };
}
