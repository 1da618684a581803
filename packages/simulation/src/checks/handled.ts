/** That each event had its effect at each aggregate it is for, once, and in the order of its source. */
import { type LetterState, lettersCollection } from '@coachloop/runtime';
import { type Effect, identityOf } from '../ledger.ts';
import type { World } from '../world.ts';
import { identity, type LogIndex } from './log-index.ts';

export async function checkHandled(world: World, index: LogIndex): Promise<string[]> {
  const bad: string[] = [];
  const counts = countEffects(world, bad);
  const unresolved = await unresolvedLetters(world, bad);
  for (const definition of world.site.services)
    for (const [topic, routes] of Object.entries(definition.consumes))
      for (const { event, record } of index.topics.get(topic) ?? []) {
        const router = routes[event.type] ?? routes['*'];
        for (const { collection, id } of router?.(event, record) ?? []) {
          const document = `${collection}/${id}`;
          const message = identity(event.source, event.id);
          if ((counts.get(document)?.get(message) ?? 0) > 0) continue;
          if (unresolved.get(document)?.has(message)) continue;
          bad.push(`lost: ${event.type} ${event.id} of ${event.source} at ${document}`);
        }
      }
  for (const [document, effects] of world.ledger.effects) checkOrder(document, effects, index, bad);
  return bad;
}

function countEffects(world: World, bad: string[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const [document, effects] of world.ledger.effects) {
    const ofDocument = new Map<string, number>();
    for (const { message } of effects) {
      const name = identityOf(message);
      const count = (ofDocument.get(name) ?? 0) + 1;
      ofDocument.set(name, count);
      if (count === 2) bad.push(`doubled: ${message.kind} ${message.type} ${message.id} at ${document}`);
    }
    counts.set(document, ofDocument);
  }
  return counts;
}

/** Of what was never replayed with success: which document has not handled which message. */
async function unresolvedLetters(world: World, bad: string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const unresolved = new Map<string, Set<string>>();
  for (const { name } of world.site.services) {
    for (const { body } of await world.store.engine.scan(lettersCollection(name), { limit: 1_000 })) {
      if (body.state === null) continue; // nobody has read the letter yet: the word of it was parked
      const { letter, status, code } = body.state as unknown as LetterState;
      if (!letter || status === 'replayed') continue;
      if (status === 'open' && code === 'TRANSITION_FAILED')
        bad.push(
          `letter-open: ${letter.collection}/${letter.aggregate} ${letter.stream}#${letter.seq} was not replayed`,
        );
      const of = (header: string) => Buffer.from(letter.record.headers[header] ?? '', 'base64').toString();
      const document = `${letter.collection}/${letter.aggregate}`;
      const set = unresolved.get(document) ?? new Set();
      unresolved.set(document, set.add(identity(of('ce_source'), of('ce_id'))));
    }
  }
  return unresolved;
}

/** Replayed dead letters excepted. */
function checkOrder(document: string, effects: readonly Effect[], index: LogIndex, bad: string[]): void {
  const reached = new Map<string, number>();
  const parked = index.parked.get(document);
  for (const { message } of effects) {
    if (message.kind !== 'event') continue;
    const name = identityOf(message);
    const event = index.byIdentity.get(name)?.event;
    if (!event || event.born === 0 || parked?.has(name)) continue;
    const before = reached.get(event.stream) ?? 0;
    if (event.seq < before) bad.push(`reordered: ${event.type} #${event.seq} after #${before} at ${document}`);
    reached.set(event.stream, Math.max(before, event.seq));
  }
}
