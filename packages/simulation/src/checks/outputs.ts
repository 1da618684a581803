/** That the log holds exactly what the saved transitions said, in that order. */
import type { World } from '../world.ts';
import type { LogIndex } from './log-index.ts';
import { isSame } from './same.ts';

export function checkOutputs(world: World, index: LogIndex): string[] {
  const bad: string[] = [];
  for (const [document, effects] of world.ledger.effects) {
    const [collection = ''] = document.split('/');
    const source = `/${world.site.serviceOf(collection).name}/${document}`;
    const published = [...(index.bySource.get(source) ?? [])].sort(([a], [b]) => a - b).map(([, seen]) => seen.event);
    const said = effects.flatMap(({ emits }) => emits);
    for (let i = 0; i < Math.max(said.length, published.length); i += 1) {
      const [emit, event] = [said[i], published[i]];
      if (emit && event && emit.type === event.type && emit.key === event.key && isSame(emit.data, event.data))
        continue;
      bad.push(
        `outputs: ${document} said ${said.length} (here ${emit?.type}), and ${published.length} are published (here ${event?.type} ${event?.id})`,
      );
      break;
    }
  }
  for (const source of index.bySource.keys()) {
    const document = source.split('/').slice(2).join('/');
    if (!world.ledger.effects.has(document)) bad.push(`outputs: ${source} published, and never was saved`);
  }
  return bad;
}
