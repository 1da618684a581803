/** What the simulator knows and nobody else may: for `--truth FILE`, and for judging triggers. */
import { agentIdOf, callIdOf } from '@coachloop/contracts';
import type { CallTruth } from './call.ts';
import type { Centre } from './centre.ts';

/** The agents: who is weak in what, true levels at the start, what they learnt so far, and our ids beside the platform's. */
export function centreTruth(centre: Centre) {
  const learnt = Map.groupBy(centre.trainings, (training) => training.agentKey);
  return {
    seed: centre.seed,
    source: centre.source,
    noise: centre.config.noise,
    behaviours: centre.config.behaviours,
    agents: centre.agents.map(({ key, name, language, weak, levels }) => ({
      agentKey: key,
      agentId: agentIdOf(centre.source, key),
      agentName: name,
      language,
      weak,
      levels,
      trainings: learnt.get(key) ?? [],
    })),
  };
}

/** One call, with our id of it. */
export const callTruth = (source: string, { callId, startMs, endMs, ...rest }: CallTruth) => ({
  callId: callIdOf(source, callId),
  sourceCallId: callId,
  ...rest,
  startedAt: new Date(startMs).toISOString(),
  endedAt: new Date(endMs).toISOString(),
});

/** One JSON document `{seed, source, …, agents: […], calls: […]}`, in pieces to be written one after the other. */
export function* truth(centre: Centre, calls: Iterable<CallTruth>): Generator<string> {
  const head = JSON.stringify(centreTruth(centre));
  yield `${head.slice(0, -1)},"calls":[`;
  let comma = '';
  for (const call of calls) {
    yield `${comma}\n${JSON.stringify(callTruth(centre.source, call))}`;
    comma = ',';
  }
  yield '\n]}\n';
}

/** The same as NDJSON: a line `{kind: "call", …}` for each call, and last one `{kind: "centre", …}`, which knows what was learnt. */
export function* truthLines(centre: Centre, calls: Iterable<CallTruth>): Generator<string> {
  for (const call of calls) yield `${JSON.stringify({ kind: 'call', ...callTruth(centre.source, call) })}\n`;
  yield `${JSON.stringify({ kind: 'centre', ...centreTruth(centre) })}\n`;
}
