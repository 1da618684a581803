/** Dead letters are what strangers wrote, each once, and nothing else: over HTTP, poison is refused at the door. */
import { DEAD_LETTER_TYPE } from '@coachloop/contracts';
import type { Client } from '../load/client.ts';
import type { Intruder } from '../load/intruder.ts';
import type { Books } from './books.ts';

/** As the API shows them: every one, whatever became of it. */
export async function lettersOf(client: Client): Promise<readonly string[]> {
  const found: string[] = [];
  for (const status of ['open', 'replayed', 'discarded'])
    for (const letter of await client.all(`/ops/v1/dead-letters?limit=200&status=${status}`))
      found.push(JSON.stringify(letter));
  return found;
}

export function checkLetters(intruder: Pick<Intruder, 'written'> | null, shown: readonly string[], books: Books): void {
  const copies = Map.groupBy(books.strange.values(), (n) => n);
  const letters = new Map<string, number>();
  for (const { type, place, text } of books.letters) {
    const n = place === null ? undefined : books.strange.get(place);
    if (n === undefined || type !== DEAD_LETTER_TYPE) books.wrong(`dead letter: ${text}`);
    else letters.set(n, (letters.get(n) ?? 0) + 1);
  }
  for (const n of intruder?.written ?? []) {
    const [there, parked] = [copies.get(n)?.length ?? 0, letters.get(n) ?? 0];
    if (there === 0) books.wrong(`lost: what a stranger wrote (${n}) is not in the topic`);
    else if (parked === 0) books.wrong(`dead letter: there is none for what a stranger wrote (${n})`);
    // Written twice and not to be read, it is two records of which nobody can tell that they are one.
    else if (parked > there)
      books.wrong(`dead letter: there are ${parked} for what a stranger wrote ${there} times (${n})`);
  }
  const wanted = letters.values().reduce((sum, count) => sum + count, 0);
  if (shown.length !== wanted)
    books.wrong(
      `dead letter: ${shown.length} are shown, and ${wanted} are in the log; the first: ${shown[0]?.slice(0, 300)}`,
    );
}
