/** That each event had its effect at each aggregate it is for, once, and in the order of its source. */
import { type Effect, identityOf } from '../ledger.ts';
import type { World } from '../world.ts';
import { document, messageOf, type Shown } from './letters.ts';
import { identity, type LogIndex } from './log-index.ts';

/** @param letters of which `checkLetters` says whether they may be open. */
export function checkHandled(world: World, index: LogIndex, letters: readonly Shown[]): string[] {
  const bad: string[] = [];
  const counts = countEffects(world, bad);
  const unresolved = unresolvedOf(letters);
  for (const definition of world.site.services)
    for (const [topic, routes] of Object.entries(definition.consumes))
      for (const { event, record } of index.topics.get(topic) ?? []) {
        const router = routes[event.type] ?? routes['*'];
        for (const { collection, id } of router?.(event, record) ?? []) {
          const name = `${collection}/${id}`;
          const message = identity(event.source, event.id);
          if ((counts.get(name)?.get(message) ?? 0) > 0) continue;
          if (unresolved.get(name)?.has(message)) continue;
          bad.push(`lost: ${event.type} ${event.id} of ${event.source} at ${name}`);
        }
      }
  for (const [name, effects] of world.ledger.effects) checkOrder(name, effects, index, bad);
  return bad;
}

function countEffects(world: World, bad: string[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const [name, effects] of world.ledger.effects) {
    const ofDocument = new Map<string, number>();
    for (const { message } of effects) {
      const what = identityOf(message);
      const count = (ofDocument.get(what) ?? 0) + 1;
      ofDocument.set(what, count);
      if (count === 2) bad.push(`doubled: ${message.kind} ${message.type} ${message.id} at ${name}`);
    }
    counts.set(name, ofDocument);
  }
  return counts;
}

/** Of what was never replayed with success: which document has not handled which message. */
function unresolvedOf(letters: readonly Shown[]): ReadonlyMap<string, ReadonlySet<string>> {
  const unresolved = new Map<string, Set<string>>();
  for (const shown of letters) {
    if (shown.status === 'replayed') continue;
    const set = unresolved.get(document(shown)) ?? new Set();
    unresolved.set(document(shown), set.add(messageOf(shown)));
  }
  return unresolved;
}

/** Replayed dead letters excepted. */
function checkOrder(where: string, effects: readonly Effect[], index: LogIndex, bad: string[]): void {
  const reached = new Map<string, number>();
  const parked = index.parked.get(where);
  for (const { message } of effects) {
    if (message.kind !== 'event') continue;
    const name = identityOf(message);
    const event = index.byIdentity.get(name)?.event;
    if (!event || event.born === 0 || parked?.has(name)) continue;
    const before = reached.get(event.stream) ?? 0;
    if (event.seq < before) bad.push(`reordered: ${event.type} #${event.seq} after #${before} at ${where}`);
    reached.set(event.stream, Math.max(before, event.seq));
  }
}
