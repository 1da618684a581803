/**
 * Dead letters are what strangers wrote, each once, and, where a release failed, what it failed at; nothing else: over HTTP, poison is refused
 * at the door. Those that were given up have ended so, and what failed has been replayed.
 */
import { DEAD_LETTER_TYPE } from '@coachloop/contracts';
import { type Clerk, FAILED, type LetterShown, lettersOf } from '../load/clerk.ts';
import type { Client } from '../load/client.ts';
import type { Intruder } from '../load/intruder.ts';
import type { Books } from './books.ts';

/** As the API shows them: every one, whatever became of it. */
export async function allLettersOf(client: Client): Promise<readonly LetterShown[]> {
  const found: LetterShown[] = [];
  for (const status of ['open', 'replayed', 'discarded']) found.push(...(await lettersOf(client, status)));
  return found;
}

/** Ids of letters about what failed: each once, though a replay that came too early parks it once more. */
export const failedOf = ({ letters }: Pick<Books, 'letters'>): ReadonlySet<string> =>
  new Set(letters.filter(({ code }) => code === FAILED).map(({ id }) => id));

/** How often a replay came too early, and failed again. */
export const parkedAgain = (books: Pick<Books, 'letters'>): number =>
  books.letters.filter(({ code }) => code === FAILED).length - failedOf(books).size;

/** `failing`: services of which there was a release that fails. */
export function checkLetters(
  intruder: Pick<Intruder, 'written'> | null,
  shown: readonly LetterShown[],
  failing: readonly string[],
  books: Books,
): void {
  const copies = Map.groupBy(books.strange.values(), (n) => n);
  const letters = new Map<string, number>();
  for (const { service, type, code, place, text } of books.letters) {
    if (code === FAILED && failing.includes(service)) continue;
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
  const strange = letters.values().reduce((sum, count) => sum + count, 0);
  const wanted = strange + failedOf({ letters: books.letters.filter(({ service }) => failing.includes(service)) }).size;
  if (shown.length !== wanted) {
    const first = JSON.stringify(shown[0] ?? null).slice(0, 300);
    books.wrong(`dead letter: ${shown.length} are shown, and ${wanted} are in the log; the first: ${first}`);
  }
}

/** Each letter has ended as somebody was told, and no other has ended; in the log as in the API. */
export function checkEnds(clerk: Pick<Clerk, 'discarded'>, shown: readonly LetterShown[], books: Books): void {
  const told = new Map(shown.map(({ id, status }) => [id, status]));
  const failed = failedOf(books);
  for (const id of new Set([...clerk.discarded, ...books.ends.keys(), ...told.keys()])) {
    const wanted = failed.has(id) ? 'replayed' : clerk.discarded.has(id) ? 'discarded' : 'open';
    const [logged, status] = [books.ends.get(id) ?? 'open', told.get(id)];
    if (logged !== wanted) books.wrong(`dead letter: ${id} is ${logged} in the log, and should be ${wanted}`);
    if (status !== wanted) books.wrong(`dead letter: ${id} is shown as ${status}, and should be ${wanted}`);
  }
}
