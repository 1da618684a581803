/** That the log holds exactly what the saved transitions said, in that order; and what commands were answered. */
import type { Workload } from '../workload.ts';
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

export function checkCommands(world: World, workload: Workload): string[] {
  const bad: string[] = [];
  for (const { command, answers } of workload.asked) {
    const document = `${command.target.collection}/${command.target.id}`;
    if (document.includes('.dead-letters/')) continue;
    const cause = `${document}/key/${command.key}`;
    const effects = (world.ledger.effects.get(document) ?? []).filter(({ message }) => message.id === cause);
    if (effects.length !== 1) bad.push(`command: ${cause} had its effect ${effects.length} times`);
    for (const answer of answers) {
      const isRight =
        (answer.status === 'done' || answer.status === 'duplicate') && isSame(answer.reply, effects[0]?.reply);
      if (!isRight) bad.push(`command: ${cause} was answered ${JSON.stringify(answer)}`);
    }
  }
  return bad;
}
