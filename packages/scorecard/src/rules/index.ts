/** A rule of a form becomes a check. */
import type { Check, Finding } from '../finding.ts';
import { na } from '../finding.ts';
import type { CallRule, Rule } from '../form/rule-schema.ts';
import type { Compile } from './common.ts';
import { notOverused, notSaid, said } from './phrases.ts';
import { restated } from './restated.ts';
import { after, facts, holdAnnounced } from './sequence.ts';
import { ring, silence, speechRate, talkOver } from './timing.ts';

export function compileRule(rule: Rule, compile: Compile): Check {
  if (rule.said) return said(rule.said, compile);
  if (rule.notSaid) return notSaid(rule.notSaid, compile);
  if (rule.after) return after(rule.after, compile);
  if (rule.facts) return facts(rule.facts, compile);
  if (rule.restated) return restated(rule.restated, compile);
  if (rule.holdAnnounced) return holdAnnounced(rule.holdAnnounced, compile);
  if (rule.silence) return silence(rule.silence, compile);
  if (rule.talkOver) return talkOver(rule.talkOver);
  if (rule.speechRate) return speechRate(rule.speechRate);
  if (rule.ring) return ring(rule.ring);
  if (rule.notOverused) return notOverused(rule.notOverused, compile);
  if (rule.call) return callIs(rule.call);
  if (rule.allOf) return allOf(rule.allOf.map((part) => compileRule(part, compile)));
  if (rule.anyOf) return anyOf(rule.anyOf.map((part) => compileRule(part, compile)));
  return () => na('no-rule');
}

const combine = (parts: readonly Finding[]): Finding['evidence'] => parts.flatMap((part) => part.evidence).slice(0, 8);

/** No where one part is no; parts that cannot be told drop out. */
const allOf =
  (checks: readonly Check[]): Check =>
  (view) => {
    const findings = checks.map((check) => check(view));
    const failed = findings.filter((finding) => finding.value === 'no');
    if (failed[0]) return { value: 'no', reason: failed[0].reason, evidence: combine(failed) };
    const met = findings.filter((finding) => finding.value === 'yes');
    if (met[0]) return { value: 'yes', reason: met[0].reason, evidence: combine(met) };
    return findings[0] ?? na('no-rule');
  };

/** Yes with the first part that is yes. */
const anyOf =
  (checks: readonly Check[]): Check =>
  (view) => {
    const findings: Finding[] = [];
    for (const check of checks) {
      const finding = check(view);
      if (finding.value === 'yes') return finding;
      findings.push(finding);
    }
    const failed = findings.filter((finding) => finding.value === 'no');
    if (failed[0]) return { value: 'no', reason: failed[0].reason, evidence: combine(failed) };
    return findings[0] ?? na('no-rule');
  };

function callIs(rule: CallRule): Check {
  return (view) => {
    const { call } = view;
    const holds =
      (rule.direction?.includes(call.direction) ?? true) &&
      (rule.channel?.includes(call.channel) ?? true) &&
      (rule.queue?.includes(call.queue ?? '') ?? true) &&
      view.any.places.length >= (rule.minTurns ?? 0);
    return { value: holds ? 'yes' : 'no', reason: holds ? 'record-fits' : 'record-differs', evidence: [] };
  };
}
