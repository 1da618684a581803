/** What commands and requests were answered, against what came of them. */
import { eventIdOf } from '@coachloop/contracts';
import { DISCARD_COMMAND, type Outcome } from '@coachloop/runtime';
import { identityOf } from '../ledger.ts';
import type { Asked, Workload } from '../workload.ts';
import type { World } from '../world.ts';
import type { Shown } from './letters.ts';
import { identity, type LogIndex } from './log-index.ts';
import { isSame } from './same.ts';

const isDone = (answer: Outcome): boolean => answer.status === 'done' || answer.status === 'duplicate';
const nameOf = ({ collection, id }: { readonly collection: string; readonly id: string }) => `${collection}/${id}`;

/** Notes: each had its effect once, and its answers are what that effect replied. */
export function checkCommands(world: World, workload: Workload): string[] {
  const bad: string[] = [];
  for (const { command, letter, answers } of workload.asked) {
    if (letter !== undefined) continue;
    const document = nameOf(command.target);
    const cause = `${document}/key/${command.key}`;
    const effects = (world.ledger.effects.get(document) ?? []).filter(({ message }) => message.id === cause);
    if (effects.length !== 1) bad.push(`command: ${cause} had its effect ${effects.length} times`);
    if (answers.length === 0) bad.push(`command: ${cause} was not answered`);
    for (const answer of answers)
      if (!isDone(answer) || !('reply' in answer) || !isSame(answer.reply, effects[0]?.reply))
        bad.push(`command: ${cause} was answered ${JSON.stringify(answer)}`);
  }
  return bad;
}

/** Replays and discards: who was told that it is done finds the event that says so in the log; who was told that it is not open, no open letter. */
export function checkOperations(workload: Workload, index: LogIndex, letters: readonly Shown[]): string[] {
  const bad: string[] = [];
  const shown = new Map(letters.map((each) => [each.id, each]));
  for (const asked of workload.asked) {
    if (asked.letter === undefined) continue;
    const { service, command, answers } = asked;
    const where = `${command.type} of ${nameOf(command.target)}`;
    const [answer] = answers;
    const isSaid = hasHappened(asked, index);
    if (answer === undefined || answers.length > 1) bad.push(`command: ${where} was answered ${answers.length} times`);
    else if (isDone(answer) !== isSaid)
      bad.push(`command: ${where} was answered ${answer.status}, and ${service} ${isSaid ? 'did' : 'did not do'} it`);
    else if (!isDone(answer) && (shown.get(asked.letter)?.status ?? 'open') === 'open')
      bad.push(`command: ${where} was refused, and the letter is open`);
  }
  return bad;
}

function hasHappened({ service, command }: Asked, { replays, byIdentity }: LogIndex): boolean {
  const document = nameOf(command.target);
  const id = eventIdOf(`${document}/key/${command.key}`, service, document, 0);
  return command.type === DISCARD_COMMAND ? byIdentity.has(identity(`/${service}/${document}`, id)) : replays.has(id);
}

/** Events over HTTP: who was told that one is taken finds it handled. */
export function checkRequests({ ledger }: World, { received }: Workload): string[] {
  const bad: string[] = [];
  for (const { event, answers } of received) {
    const document = nameOf(event.target);
    const name = identity(event.source, event.id);
    const isHandled = (ledger.effects.get(document) ?? []).some(({ message }) => identityOf(message) === name);
    if (answers.length !== 1 || !answers.every(isDone) || !isHandled)
      bad.push(
        `request: ${event.type} ${event.id} was answered ${JSON.stringify(answers)}, and is ${isHandled ? '' : 'not '}handled`,
      );
  }
  return bad;
}
