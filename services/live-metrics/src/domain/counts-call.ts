/**
 * Calls. Stages move with every event: from −1, to +1, so that their sums are exact in any order. Waits, handle times and
 * surveys come from the record of the finished call; a revised record takes back what its predecessor added.
 */
import type { CallEventData, CallRecord, CallStage, Message, ReplacedCall } from '@coachloop/contracts';
import { add, type Bag, EMPTY, nameOf, negated } from './bag.ts';
import { type Counted, type Counts, seen } from './counts.ts';

/** Upper bounds of the waits that are told apart, seconds. The service level can be asked for at each of them. */
export const WAIT_BOUNDS_SECONDS = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600] as const;

export const msOf = (seconds: number): number => Math.round(seconds * 1000);
const oneIf = (condition: boolean, name: string): Bag => (condition ? { [name]: 1 } : EMPTY);

function moved(kind: string, from: string | null, to: string): Bag {
  if (from === to) return EMPTY;
  return { ...(from === null || from === 'none' ? EMPTY : { [`${kind}|${from}`]: -1 }), [`${kind}|${to}`]: 1 };
}

export function countCallEvent(message: Message): Counts {
  const flow = seen(message.type);
  if (message.type === 'agent.state.changed') {
    const { from, to } = message.data as CallEventData<'agent.state.changed'>;
    return { flow: add(flow, from === to ? EMPTY : agentMoved(from, to)), counted: [] };
  }
  const { stage } = message.data as { stage?: { from: CallStage; to: CallStage } };
  const flowed = stage ? add(flow, moved('call', stage.from, stage.to)) : flow;
  if (message.type !== 'call.completed' && message.type !== 'call.revised') return { flow: flowed, counted: [] };
  const record = message.data as CallEventData<'call.revised'>;
  if (record.revision === 1) return { flow: flowed, counted: [recordCounts(record)] };
  // A producer that does not yet say what is replaced: the first record stands.
  if (record.replaces === undefined) return { flow: flowed, counted: [] };
  return { flow: flowed, counted: [recordCounts(record), takenBack(recordCounts(record.replaces))] };
}

const agentMoved = (from: string | null, to: string): Bag => ({
  ...(from === null ? EMPTY : { [nameOf('agent', from)]: -1 }),
  [nameOf('agent', to)]: 1,
});

export const takenBack = ({ atMs, sums, named }: Counted): Counted => ({
  atMs,
  sums: negated(sums),
  ...(named === undefined ? {} : { named: negated(named) }),
});

/** The same figures of a record, and of what a later one replaces. */
type Figures = Pick<
  CallRecord & ReplacedCall,
  'endedAt' | 'abandoned' | 'queue' | 'waitSeconds' | 'talkSeconds' | 'holdSeconds' | 'wrapupSeconds' | 'survey'
>;

function recordCounts(record: Figures): Counted {
  const { abandoned, queue = '' } = record;
  const answered = !abandoned && record.waitSeconds !== undefined;
  const waited = answered ? waitCounts(record.waitSeconds ?? 0) : oneIf(abandoned, 'offered');
  const ofQueue: Bag = {
    [nameOf('queue', queue, abandoned ? 'abandoned' : 'calls')]: 1,
    ...(abandoned || answered ? { [nameOf('queue', queue, 'offered')]: 1 } : EMPTY),
    ...(answered ? { [nameOf('queue', queue, waitName(record.waitSeconds ?? 0))]: 1 } : EMPTY),
  };
  return {
    atMs: Date.parse(record.endedAt),
    sums: {
      [abandoned ? 'abandoned' : 'calls']: 1,
      ...waited,
      ...spanCounts('talk', record.talkSeconds),
      ...spanCounts('hold', record.holdSeconds),
      ...spanCounts('wrapup', record.wrapupSeconds),
      ...surveyCounts(record.survey),
    },
    named: ofQueue,
  };
}

const waitName = (seconds: number): string => `wait${WAIT_BOUNDS_SECONDS.find((bound) => seconds <= bound) ?? 'over'}`;

const waitCounts = (seconds: number): Bag => ({ offered: 1, ...spanCounts('wait', seconds), [waitName(seconds)]: 1 });

function spanCounts(name: string, seconds: number | undefined): Bag {
  if (seconds === undefined) return EMPTY;
  const ms = msOf(seconds);
  return { [`${name}.n`]: 1, ...(ms === 0 ? EMPTY : { [`${name}.ms`]: ms }) };
}

/** Satisfaction in hundredths of a percent of the survey's own scale. */
function surveyCounts(survey: Figures['survey']): Bag {
  if (!survey) return EMPTY;
  const { score, scale, resolved } = survey;
  const width = scale.max - scale.min;
  const share =
    width > 0 ? Math.round((Math.min(Math.max(score, scale.min), scale.max) - scale.min) * (10_000 / width)) : null;
  return {
    ...(share === null ? EMPTY : { 'survey.n': 1, ...(share === 0 ? EMPTY : { 'survey.sum': share }) }),
    ...(resolved === undefined ? EMPTY : { 'stated.n': 1, ...oneIf(resolved, 'stated.yes') }),
  };
}
