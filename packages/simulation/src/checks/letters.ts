/** Dead letters: what may still be open when all is repaired and replayed, and that whatever nobody can read has one with each reader. */
import type { DeadLetter } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import { intakeCollection, type LetterState, lettersCollection } from '@coachloop/runtime';
import type { Workload } from '../workload.ts';
import type { World } from '../world.ts';
import { identity, type LogIndex, text } from './log-index.ts';
import { allOf } from './stored.ts';

/** As its service shows it. */
export interface Shown {
  readonly id: string;
  readonly service: string;
  readonly status: LetterState['status'];
  readonly code: string;
  readonly letter: DeadLetter;
}

export async function lettersOf(world: World, bad: string[]): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const { name: service } of world.site.services)
    for (const { id, body } of await allOf(world, lettersCollection(service))) {
      const { letter, status, code } = (body.state ?? {}) as unknown as LetterState;
      if (letter) shown.push({ id, service, status, code, letter });
      else bad.push(`letter-unread: ${service} has never read its letter ${id}`);
    }
  return shown;
}

export const document = ({ letter: { collection, aggregate } }: Shown): string => `${collection}/${aggregate}`;

/** Which message was parked. */
export const messageOf = ({ letter: { record } }: Shown): string => {
  const of = (header: string) => Buffer.from(record.headers[header] ?? '', 'base64').toString();
  return identity(of('ce_source'), of('ce_id'));
};

/** Everything else has been replayed, weeks after all defects were repaired, or discarded. */
function mayStayOpen(lastCallMs: number, { service, code, letter }: Shown): boolean {
  if (letter.collection === intakeCollection(service)) return code === 'EVENT_BODY_NOT_JSON';
  if (code !== 'TRAINING_COMPLETED_TOO_EARLY' || letter.collection !== 'cases') return false;
  // Calls are dated some minutes ahead, and clocks that assign may be behind: some courses are done before the calls that led to them.
  const report = JSON.parse(Buffer.from(letter.record.value ?? '', 'base64').toString()) as { completedAt: string };
  return Date.parse(report.completedAt) < lastCallMs;
}

export function checkLetters(
  { site }: World,
  { calls }: Workload,
  index: LogIndex,
  letters: readonly Shown[],
): string[] {
  const bad: string[] = [];
  const lastCallMs = [...calls.values()].flat().reduce((last, { timeMs }) => Math.max(last, timeMs), 0);
  const parked = new Map<string, number>();
  for (const shown of letters) {
    const { service, status, code, letter } = shown;
    if (status === 'open' && !mayStayOpen(lastCallMs, shown))
      bad.push(`letter-open: ${document(shown)} ${letter.stream}#${letter.seq} (${code}) was not replayed`);
    if (letter.collection !== intakeCollection(service)) continue;
    const name = `${service} ${letter.origin?.topic} ${messageOf(shown)}`;
    parked.set(name, (parked.get(name) ?? 0) + 1);
  }
  for (const { topic, name } of unreadable(index))
    for (const service of site.readersOf(topic)) {
      const count = parked.get(`${service} ${topic} ${name}`) ?? 0;
      if (count !== 1)
        bad.push(`letter-count: ${service} has ${count} letters of ${name} in ${topic}, which nobody can read`);
      parked.delete(`${service} ${topic} ${name}`);
    }
  for (const name of parked.keys()) bad.push(`letter-count: one is of what can be read: ${name}`);
  return bad;
}

/** A copy of it is the same letter. */
function unreadable({ unread }: LogIndex): readonly { readonly topic: string; readonly name: string }[] {
  const nameOf = ({ headers }: LogRecord) => identity(text(headers.ce_source), text(headers.ce_id));
  const named = unread.map((record) => ({ topic: record.topic, name: nameOf(record) }));
  return [...new Map(named.map((each) => [`${each.topic} ${each.name}`, each])).values()];
}
