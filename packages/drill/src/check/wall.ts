/**
 * What the wall shows of calls since the first one. It is made of sums that go from one stage, record or result to the next, and so must not
 * depend on what went wrong on the way, nor on the order: each event that is missing, or counts twice, leaves a trace.
 */
import type { Snapshot } from '@coachloop/contracts';
import type { Client } from '../load/client.ts';
import type { Books } from './books.ts';

/** Name → value, as text. */
export type Wall = ReadonlyMap<string, string>;

/** Which cases there are depends on the moment at which a training was done. */
const OF_CASES: readonly string[] = ['casesOpened', 'casesClosed'];

/** While the platform still runs. */
export async function wallOf(client: Client): Promise<Wall> {
  const { body } = await client.send({ path: '/metrics/v1/snapshot' });
  return shownOn(body as Snapshot);
}

export function shownOn({ figures, callStages, agentStates, scores }: Snapshot): Wall {
  const shown = new Map<string, string>();
  for (const [name, figure] of Object.entries(figures))
    if ('all' in figure && !OF_CASES.includes(name)) shown.set(name, JSON.stringify(figure.all));
  for (const { stage, count } of callStages) shown.set(`calls that are ${stage}`, JSON.stringify(count));
  for (const { state, count } of agentStates) shown.set(`agents that are ${state}`, JSON.stringify(count));
  return shown.set('scores', JSON.stringify(scores.all));
}

export function checkWall(found: Wall, undisturbed: Wall, books: Books): void {
  for (const name of new Set([...undisturbed.keys(), ...found.keys()])) {
    const [is, was] = [found.get(name), undisturbed.get(name)];
    if (is !== was) books.wrong(`wall: ${name}: ${is}, undisturbed ${was}`);
  }
}
