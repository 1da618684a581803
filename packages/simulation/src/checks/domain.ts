/** What the figures and cases say, against what follows from the events alone. */
import type { Message } from '@coachloop/contracts';
import { mergeAll, type Share } from '@coachloop/live-metrics';
import { type Aggregate, canonical } from '@coachloop/runtime';
import { NEXT_RELEASE_FIELD } from '../instrument.ts';
import type { Sent, Workload } from '../workload.ts';
import type { World } from '../world.ts';
import type { LogIndex, Seen } from './log-index.ts';
import { MOVES } from './moves.ts';
import { isSame } from './same.ts';
import { allOf } from './stored.ts';

const PROJECTIONS = ['live-shares-g1', 'live-agents-g1', 'live-customers-g1', 'effects'];

const plain = (state: unknown): Record<string, unknown> => {
  const { [NEXT_RELEASE_FIELD]: _, ...rest } = state as Record<string, unknown>;
  return rest;
};

const aggregateOf = ({ site }: World, collection: string): Aggregate =>
  site.serviceOf(collection).aggregates.find((each) => each.collection === collection) as unknown as Aggregate;

const messageOf = ({ event, record }: Seen): Message => ({
  id: event.id,
  kind: 'event',
  type: event.type,
  source: event.source,
  time: event.time,
  data: event.data,
  origin: { topic: record.topic, partition: record.partition },
});

/** Which minutes and hours a share still holds depends on when it was written; what it shows does not. */
const shownAt = (now: number, collection: string, state: object | null): object | null =>
  state !== null && collection === 'live-shares-g1' ? mergeAll([state as Share], now) : state;

/** Projections are a recount of the log. */
export async function checkProjections(world: World, index: LogIndex): Promise<string[]> {
  const bad: string[] = [];
  // No process has been later than this.
  const now = Math.round(world.now() + world.skewMsMax);
  for (const collection of PROJECTIONS) {
    const { handle, initial } = aggregateOf(world, collection);
    const recounted = new Map<string, object | null>();
    for (const [topic, routes] of Object.entries(world.site.serviceOf(collection).consumes))
      for (const seen of index.topics.get(topic) ?? [])
        for (const target of (routes[seen.event.type] ?? routes['*'])?.(seen.event, seen.record) ?? []) {
          if (target.collection !== collection) continue;
          const state = recounted.get(target.id) ?? initial(target.id);
          recounted.set(target.id, handle(state, messageOf(seen), now).state);
        }
    for (const { id, body } of await allOf(world, collection)) {
      const [shown, counted] = [plain(body.state), recounted.get(id) ?? null].map((state) =>
        shownAt(now, collection, state),
      );
      recounted.delete(id);
      if (!isSame(shown, counted))
        bad.push(
          `projection: ${collection}/${id} shows ${canonical(shown)}, and a recount gives ${canonical(counted)}`,
        );
    }
    for (const id of recounted.keys())
      bad.push(`projection: ${collection}/${id} follows from the log, and is not there`);
  }
  return bad;
}

/** Calls and evaluations follow from what was sent, whatever went wrong on the way. */
export async function checkDigests(world: World, workload: Workload): Promise<string[]> {
  const bad: string[] = [];
  const calls = aggregateOf(world, 'calls');
  const evaluations = aggregateOf(world, 'evaluations');
  const expected = new Map<string, unknown>();
  for (const [callId, sent] of workload.calls) {
    let state: object = calls.initial(callId);
    let evaluation: object = evaluations.initial('');
    for (const message of [...sent.map(intakeMessage), TIMER]) {
      const decision = calls.handle(state, message, message.time + 365 * 86_400_000);
      state = decision.state ?? state;
      for (const { type, data } of decision.events)
        if (type === 'call.completed' || type === 'call.revised')
          evaluation = evaluations.handle(evaluation, { ...TIMER, kind: 'event', type, data }, 0).state ?? evaluation;
    }
    expected.set(`calls/${callId}`, calls.digest?.(state, callId));
    expected.set(`evaluations/${callId}`, evaluations.digest?.(evaluation, ''));
  }
  for (const { id, body } of await allOf(world, 'calls'))
    compare(`calls/${id}`, calls.digest?.(plain(body.state), id), expected, bad);
  for (const { body } of await allOf(world, 'evaluations')) {
    const { callId } = body.state as unknown as { callId: string };
    compare(`evaluations/${callId}`, evaluations.digest?.(plain(body.state), ''), expected, bad);
  }
  for (const name of expected.keys()) bad.push(`digest: ${name} is not there`);
  return bad;
}

const TIMER: Message = {
  id: 'end',
  kind: 'timer',
  type: 'timer',
  source: '',
  time: Date.UTC(2030, 0),
  data: null,
  origin: null,
};

const intakeMessage = ({ id, source, type, timeMs, data }: Sent): Message => ({
  id,
  kind: 'event',
  type,
  source,
  time: timeMs,
  data,
  origin: { topic: 'call-intake', partition: 0 },
});

function compare(name: string, found: unknown, expected: Map<string, unknown>, bad: string[]): void {
  const wanted = expected.get(name) ?? null;
  if (!isSame(found, wanted)) bad.push(`digest: ${name} is ${canonical(found)}, and not ${canonical(wanted)}`);
  expected.delete(name);
}

export interface CaseShown {
  readonly caseId: string;
  readonly stage: string | null;
  readonly open: boolean;
  readonly agentId: string;
  readonly competency: string;
  readonly history: readonly { from: string | null; to: string }[];
}

export async function checkCases(world: World, index: LogIndex): Promise<string[]> {
  const bad: string[] = [];
  const cases = (await allOf(world, 'cases')).map(({ body }) => body.state as unknown as CaseShown);
  const known = new Map(cases.map((each) => [each.caseId, each]));
  for (const { event } of index.topics.get('training-events') ?? [])
    if (event.type === 'training.case.opened' && !known.get((event.data as CaseShown).caseId)?.stage)
      bad.push(`case: ${(event.data as CaseShown).caseId} was opened, and is not there`);
  for (const { caseId, stage, open, history = [] } of cases) {
    if (stage === null) continue;
    let at: string | null = null;
    for (const { from, to } of history) {
      if (from !== at || (from !== null && !MOVES[from]?.split(' ').includes(to)) || (from === null && to !== 'opened'))
        bad.push(`case: ${caseId} moved from ${from} to ${to} when it was ${at}`);
      at = to;
    }
    if (at !== stage || open !== stage in MOVES)
      bad.push(`case: ${caseId} is ${stage}, open: ${open}, its history ends ${at}`);
  }
  const learners = (await allOf(world, 'learners')).map(({ body }) => body.state as unknown as LearnerShown);
  return [...bad, ...checkOpenCases(cases, learners)];
}

export interface LearnerShown {
  readonly agentId: string;
  readonly tracks: readonly { readonly openCase: string | null; readonly competency: string }[];
}

/** One at most for an agent and a competency, and the learner knows it: by the cases themselves, also where a learner has lost sight of one. */
export function checkOpenCases(
  cases: readonly Pick<CaseShown, 'caseId' | 'agentId' | 'competency' | 'open'>[],
  learners: readonly LearnerShown[],
): string[] {
  const bad: string[] = [];
  const nameOf = (agentId: string, competency: string) => `${agentId} for ${competency}`;
  const open = Map.groupBy(
    cases.filter((each) => each.open),
    ({ agentId, competency }) => nameOf(agentId, competency),
  );
  const believed = new Map(
    learners.flatMap(({ agentId, tracks }) =>
      tracks.map(({ competency, openCase }) => [nameOf(agentId, competency), openCase] as const),
    ),
  );
  for (const name of new Set([...open.keys(), ...believed.keys()])) {
    const theirs = (open.get(name) ?? []).map(({ caseId }) => caseId);
    const known = believed.get(name) ?? null;
    if (theirs.length > 1) bad.push(`case: ${name} has ${theirs.length} open cases: ${theirs.join(', ')}`);
    if (theirs.length === 0 ? known !== null : known === null || !theirs.includes(known))
      bad.push(`case: ${name} believes ${known} open, and it is ${theirs[0] ?? null}`);
  }
  return bad;
}

/** What agents are judged by are their own calls: of a call that moved, nothing is left with whom it left. */
export async function checkOwnership(world: World): Promise<string[]> {
  const ownerOf = new Map(
    (await allOf(world, 'evaluations')).map(({ id, body }) => [
      id,
      (body.state as unknown as { agentId: string }).agentId,
    ]),
  );
  const bad: string[] = [];
  for (const [collection, field] of [
    ['learners', 'results'],
    ['agent-reviews', 'calls'],
  ] as const)
    for (const { id, body } of await allOf(world, collection))
      for (const { evaluationId } of (body.state as unknown as Record<string, { evaluationId: string }[]>)[field] ?? [])
        if (ownerOf.get(evaluationId) !== id)
          bad.push(`ownership: ${collection}/${id} keeps ${evaluationId}, which is of ${ownerOf.get(evaluationId)}`);
  return bad;
}

/** A release keeps what only the next one knows. */
export async function checkReleases(world: World): Promise<string[]> {
  const bad: string[] = [];
  for (const { aggregates } of world.site.services)
    for (const { collection } of aggregates)
      for (const { id, body } of await allOf(world, collection)) {
        const state = body.state as Record<string, unknown> | null;
        const effects = world.ledger.effects.get(`${collection}/${id}`) ?? [];
        const since = effects.slice(effects.findLastIndex(({ deleted }) => deleted) + 1);
        const runs = since.filter(({ release }) => release === 2).length;
        const kept = state === null ? runs : Number(state[NEXT_RELEASE_FIELD] ?? 0);
        if (kept !== runs)
          bad.push(
            `release: ${collection}/${id} was written by the next release ${runs === 1 ? 'once' : `${runs} times`}, and its own field, which counts that, ${kept === 0 ? 'is gone' : `says ${kept}`}`,
          );
      }
  return bad;
}
