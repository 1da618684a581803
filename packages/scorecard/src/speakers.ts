/**
 * Who speaks. Labels are taken as they are unless the words contradict them clearly; missing labels are filled only where the
 * words leave no doubt: a wrong guess would put the customer's words into the agent's mouth.
 */
import { type Cue, SPEAKER_CUES } from './speaker-cues.ts';
import { compileMatcher, findIn } from './text/matcher.ts';

export type Role = 'agent' | 'customer' | 'system' | 'unknown';
export interface Speakers {
  readonly roles: readonly Role[];
  /** given: as labelled; inferred: missing labels were filled; swapped: the two labels were exchanged; unknown: no telling. */
  readonly basis: 'given' | 'inferred' | 'swapped' | 'unknown';
}

/** A change of speaker between neighbouring turns is the rule, not the exception. */
const CHANGE_POINTS = 5;
/** By how much the better reading of one turn must beat the other. */
const TURN_MARGIN = 4;
/** Labels are exchanged only when the words say so by this much, and in both directions. */
const SWAP_POINTS = 20;
const SIDE_SWAP_POINTS = 6;

const CUES = SPEAKER_CUES.map((cue: Cue) => ({
  points: cue.role === 'agent' ? cue.points : -cue.points,
  matcher: compileMatcher(cue.phrases, {}, false),
}));

/** Points for the agent (positive) or the customer (negative). */
const pointsOf = (folded: string): number => {
  let sum = 0;
  for (const cue of CUES) if (findIn(cue.matcher.plain, folded, 0, folded.length) !== null) sum += cue.points;
  return sum;
};

export function speakersOf(labels: readonly Role[], folded: readonly string[]): Speakers {
  const open = labels.filter((role) => role === 'unknown').length;
  if (open === 0) return checkLabels(labels, folded);
  const roles = fillLabels(labels, folded);
  const left = roles.filter((role) => role === 'unknown').length;
  // Half of a conversation in doubt is a conversation in doubt.
  if (left * 2 > open) return { roles: labels, basis: 'unknown' };
  return { roles, basis: 'inferred' };
}

function checkLabels(labels: readonly Role[], folded: readonly string[]): Speakers {
  let agent = 0;
  let customer = 0;
  // The opening and the end are where roles show most, and enough of them shows early; reading all would only cost time.
  const sample = sampleOf(labels.length);
  for (const at of sample) {
    if (labels[at] === 'agent') agent += pointsOf(folded[at] ?? '');
    if (labels[at] === 'customer') customer += pointsOf(folded[at] ?? '');
  }
  const swapped = customer - agent >= SWAP_POINTS && customer >= SIDE_SWAP_POINTS && agent <= -SIDE_SWAP_POINTS;
  if (!swapped) return { roles: labels, basis: 'given' };
  const other: Readonly<Record<string, Role>> = { agent: 'customer', customer: 'agent' };
  return { roles: labels.map((role) => other[role] ?? role), basis: 'swapped' };
}

const SAMPLE = 12;
function sampleOf(length: number): number[] {
  const all = Array.from({ length }, (_, at) => at);
  return length <= SAMPLE ? all : [...all.slice(0, SAMPLE / 2), ...all.slice(-SAMPLE / 2)];
}

/** The best reading of all turns together (max-marginals over a chain): each turn is kept only where its margin is clear. */
function fillLabels(labels: readonly Role[], folded: readonly string[]): readonly Role[] {
  const turns = labels.flatMap((role, at) => (role === 'system' ? [] : [at]));
  const own = turns.map((at) => {
    if (labels[at] === 'agent') return 1_000;
    if (labels[at] === 'customer') return -1_000;
    return pointsOf(folded[at] ?? '');
  });
  const forward = best(own);
  const backward = best([...own].reverse()).reverse();
  const roles = [...labels];
  turns.forEach((at, k) => {
    const points = own[k] ?? 0;
    const agent = (forward[k]?.agent ?? 0) + (backward[k]?.agent ?? 0) - points;
    const customer = (forward[k]?.customer ?? 0) + (backward[k]?.customer ?? 0) + points;
    if (labels[at] === 'unknown' && Math.abs(agent - customer) >= TURN_MARGIN) {
      roles[at] = agent > customer ? 'agent' : 'customer';
    }
  });
  return roles;
}

/** For each turn the best score of a reading that ends there with this role; own points count in it. */
function best(own: readonly number[]): { agent: number; customer: number }[] {
  let agent = 0;
  let customer = 0;
  return own.map((points, k) => {
    const change = k === 0 ? 0 : CHANGE_POINTS;
    const nextAgent = Math.max(agent, customer + change) + points;
    const nextCustomer = Math.max(customer, agent + change) - points;
    agent = nextAgent;
    customer = nextCustomer;
    return { agent, customer };
  });
}
