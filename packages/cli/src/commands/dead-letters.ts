/** `dead-letters`: what could not be handled, and what shall become of it. */
import { setTimeout } from 'node:timers/promises';
import type { Rate } from '../arguments.ts';
import { ApiError, Client } from '../client.ts';
import { nearest } from '../config/nearest.ts';
import { CliError } from '../errors.ts';
import { momentOf, quote } from '../format.ts';
import { Progress, printJson, printLine, printTable, remark } from '../output.ts';

interface Common {
  readonly url: string;
  readonly json?: boolean;
}
interface Filter {
  readonly status?: string;
  readonly service?: string;
  /** Several by commas; `EVENT_*` is all that begin so. */
  readonly code?: string;
  readonly aggregate?: string;
}

export interface Letter {
  readonly id: string;
  readonly service: string;
  readonly status: 'open' | 'replayed' | 'discarded';
  readonly code: string;
  readonly reason: string;
  readonly pointer?: string;
  readonly aggregate: string;
  readonly origin: string | null;
  readonly parkedAt: string;
  readonly replays: number;
  readonly discardReason?: string;
  /** When it was replayed or discarded; an earlier release did not keep it. */
  readonly resolvedAt?: string;
  /** Its message was too large to be kept: it cannot be replayed. */
  readonly omitted?: { readonly bytes: number; readonly sha256: string };
}

const PAGE = 200;
/** A replay is an event: this long it may take until the next letter is closed. */
const SETTLE_MS_MAX = 5_000;
/** Between looks, growing. */
const LOOK_MS_MIN = 100;
const LOOK_MS_MAX = 2_000;
/** So few are asked for one by one; of more the list of all that are open is read. */
const SINGLY_MAX = 20;

export async function list(options: Common & Filter): Promise<void> {
  const letters = await findAll(new Client(options.url), options);
  if (options.json) printJson(letters);
  else if (letters.length === 0) remark('There are none.');
  else
    printTable(
      ['PARKED', 'SERVICE', 'AGGREGATE', 'CODE', 'REPLAYS', 'ID', 'REASON'],
      letters.map(({ parkedAt, service, aggregate, code, replays, id, reason, omitted }) => [
        momentOf(parkedAt),
        service,
        aggregate,
        code,
        String(replays),
        id,
        `${quote(reason)}${remarkOn(omitted)}`,
      ]),
    );
}

export async function show(id: string, options: Common): Promise<void> {
  const letter = await whole(new Client(options.url), id);
  if (options.json) {
    printJson(letter);
    return;
  }
  const { record, ...facts } = letter;
  for (const [name, value] of Object.entries(facts))
    printLine(`${name.padEnd(14)}${quote(typeof value === 'object' ? JSON.stringify(value) : String(value))}`);
  printLine('');
  printLine(JSON.stringify(record, null, 2));
}

interface Choice extends Common, Filter {
  readonly all?: boolean;
  readonly rate: Rate;
}

/** One by its id, those of an aggregate, or all that are open, as the filter says. @throws CliError LETTER_CHOICE, ARGUMENT_INVALID */
async function choose(client: Client, id: string | undefined, options: Choice): Promise<readonly Letter[]> {
  const ways = [id, options.aggregate, options.all].filter((way) => way !== undefined).length;
  if (ways !== 1) throw new CliError('LETTER_CHOICE', ways === 0 ? 'Nothing was named.' : 'More than one was named.');
  if (id !== undefined) {
    if (options.service !== undefined || options.code !== undefined)
      throw new CliError('LETTER_CHOICE', '--service and --code choose among several; an id names one.');
    return [await whole(client, id)];
  }
  return await findAll(client, { ...options, status: 'open' });
}

/** The newest first. @throws CliError ARGUMENT_INVALID for a code that nobody knows */
async function findAll(client: Client, { code, ...filter }: Filter): Promise<readonly Letter[]> {
  if (code === undefined) return await Array.fromAsync(find(client, filter));
  const letters: Letter[] = [];
  for (const each of await codesOf(code)) {
    const found = await Array.fromAsync(find(client, { ...filter, code: each }));
    if (found.length === 0) await refuseUnknown(each);
    letters.push(...found);
  }
  return letters.sort((a, b) => (a.parkedAt === b.parkedAt ? 0 : a.parkedAt < b.parkedAt ? 1 : -1));
}

/** @throws CliError ARGUMENT_INVALID */
async function codesOf(text: string): Promise<ReadonlySet<string>> {
  const codes = new Set<string>();
  for (const name of text.split(',').map((part) => part.trim()))
    for (const code of name.endsWith('*') ? await codesThatBegin(name) : [name]) codes.add(code);
  return codes;
}

async function codesThatBegin(pattern: string): Promise<readonly string[]> {
  const { letterCodes } = await import('../letter-codes.ts');
  const codes = letterCodes().filter((code) => code.startsWith(pattern.slice(0, -1)));
  if (codes.length > 0) return codes;
  throw new CliError('ARGUMENT_INVALID', `No code of dead letters begins as ${JSON.stringify(pattern)} says.`);
}

/** Where none is found: a letter that others wrote may have a code of theirs. @throws CliError ARGUMENT_INVALID */
async function refuseUnknown(code: string): Promise<void> {
  const { isLetterCode, letterCodes } = await import('../letter-codes.ts');
  if (isLetterCode(code)) return;
  const meant = nearest(code, letterCodes());
  const known = meant === null ? `there are ${letterCodes().join(', ')}` : `${meant} may be meant`;
  throw new CliError('ARGUMENT_INVALID', `No dead letter has the code ${JSON.stringify(code)}; ${known}.`);
}

/** At the given rate; those that were still open. */
async function each(
  what: string,
  letters: readonly Letter[],
  rate: Rate,
  action: (letter: Letter) => Promise<boolean>,
) {
  const progress = new Progress(what);
  const done: Letter[] = [];
  let tried = 0;
  for (const letter of letters) {
    if (rate !== 'max') await setTimeout(Math.max(0, (tried / rate - progress.seconds) * 1000));
    if (await action(letter)) done.push(letter);
    tried += 1;
    progress.update(tried, letters.length);
  }
  return done;
}

export async function replay(id: string | undefined, options: Choice): Promise<void> {
  const client = new Client(options.url);
  const chosen = await choose(client, id, options);
  // The one that is named is refused with what to do; among others it only stays open.
  const tooLarge = id === undefined ? chosen.filter(({ omitted }) => omitted !== undefined) : [];
  const complete = chosen.filter((letter) => !tooLarge.includes(letter));
  const asked = await each('replayed dead letters', complete, options.rate, (letter) =>
    ask(client, letter, 'replay', {}),
  );
  const again = await stillOpen(client, asked);
  const closed = id !== undefined && asked.length === 0 ? await endOf(client, id, 'replayed') : null;
  const open = [...again, ...tooLarge];
  const result = {
    letters: chosen.length,
    replayed: asked.length - again.length,
    open: open.map((letter) => letter.id),
  };
  if (options.json) printJson(result);
  else printLine(`${result.replayed} of ${result.letters} dead letters were handled, ${open.length} stay open`);
  if (closed !== null) remark(closed);
  for (const { id: stays, code, reason, omitted } of open)
    remark(`open: ${stays}: ${quote(reason)} (${code})${remarkOn(omitted)}`);
  if (open.length > 0) process.exitCode = 1;
}

const remarkOn = (omitted: Letter['omitted']): string =>
  omitted === undefined ? '' : ` [${omitted.bytes} bytes: too large to be kept here or replayed]`;

/** With the generation of a projection its letters go. */
const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** False: somebody else closed it meanwhile, which is as good. */
async function ask(client: Client, letter: Letter, how: 'replay' | 'discard', body: object): Promise<boolean> {
  try {
    await client.post(`${pathOf(letter)}/${how}`, body);
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'DEAD_LETTER_NOT_OPEN' || isGone(error))) return false;
    throw error;
  }
}

/** Those that were parked once more, or have not been handled in time. */
async function stillOpen(client: Client, asked: readonly Letter[]): Promise<readonly Letter[]> {
  const parkedAgain: Letter[] = [];
  let waiting = asked;
  let progressMs = performance.now();
  for (let pauseMs = LOOK_MS_MIN; waiting.length > 0; pauseMs = Math.min(LOOK_MS_MAX, pauseMs * 1.5)) {
    const now = await openOf(client, waiting);
    const next: Letter[] = [];
    for (const before of waiting) {
      const letter = now.get(pathOf(before));
      if (letter?.parkedAt === before.parkedAt) next.push(before);
      else if (letter) parkedAgain.push(letter);
    }
    if (next.length < waiting.length) progressMs = performance.now();
    waiting = next;
    if (waiting.length === 0 || performance.now() > progressMs + SETTLE_MS_MAX) break;
    await setTimeout(pauseMs);
  }
  return [...parkedAgain, ...waiting];
}

/** By their paths, those of them that are open now. */
async function openOf(client: Client, letters: readonly Letter[]): Promise<ReadonlyMap<string, Letter>> {
  const listed = new Map<string, Letter>();
  if (letters.length > SINGLY_MAX) {
    for await (const letter of find(client, { status: 'open' })) listed.set(pathOf(letter), letter);
    // The list begins with the newest: one that is parked again while it is read may have gone where it was read already.
    const newest = listed.values().next().value?.parkedAt ?? '';
    for await (const letter of find(client, { status: 'open' })) {
      if (letter.parkedAt < newest) break;
      listed.set(pathOf(letter), letter);
    }
    return listed;
  }
  for (const path of letters.map(pathOf)) {
    const letter = await client.get<Letter>(path).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    if (letter?.status === 'open') listed.set(path, letter);
  }
  return listed;
}

export async function discard(id: string | undefined, options: Choice & { readonly reason: string }): Promise<void> {
  const client = new Client(options.url);
  const chosen = await choose(client, id, options);
  const { reason, json } = options;
  // To discard it once more, for the same reason, would be taken as the repetition that it is.
  const open = chosen.filter(({ status }) => status === 'open');
  const done = await each('discarded dead letters', open, options.rate, (letter) =>
    ask(client, letter, 'discard', { reason }),
  );
  const closed = id !== undefined && done.length === 0 ? await endOf(client, id, 'discarded') : null;
  if (json) printJson({ letters: chosen.length, discarded: done.length });
  else printLine(`${done.length} of ${chosen.length} dead letters were discarded`);
  if (closed !== null) remark(closed);
}

/** How one that was not open ended, for people. @throws ApiError DEAD_LETTER_NOT_OPEN where it is not the end that is wished */
async function endOf(client: Client, id: string, wished: 'replayed' | 'discarded'): Promise<string> {
  const { status, resolvedAt, discardReason } = await whole(client, id);
  const when = resolvedAt === undefined ? '' : ` at ${momentOf(resolvedAt)}`;
  const why = discardReason === undefined ? '' : `: ${quote(discardReason)}`;
  const end =
    status === 'open'
      ? `The dead letter ${id} has been handled already; the list shows that as soon as it was read`
      : `The dead letter ${id} was ${status} before${when}${why}`;
  if (status === wished) return end;
  throw new ApiError(409, 'DEAD_LETTER_NOT_OPEN', end);
}

async function* find(client: Client, { status, service, code, aggregate }: Filter): AsyncIterable<Letter> {
  const query = new URLSearchParams({
    limit: String(PAGE),
    ...(status === undefined ? {} : { status }),
    ...(service === undefined ? {} : { service }),
    ...(code === undefined ? {} : { code }),
    ...(aggregate === undefined ? {} : { aggregate }),
  });
  yield* client.pages<Letter>(`/ops/v1/dead-letters?${query}`);
}

/** An id alone does not say whose it is. @throws ApiError NOT_FOUND */
async function whole(client: Client, id: string): Promise<Letter & { readonly record: unknown }> {
  const { items } = await client.get<{ items: readonly Letter[] }>(
    `/ops/v1/dead-letters?${new URLSearchParams({ id })}`,
  );
  const [letter] = items;
  if (!letter) throw new ApiError(404, 'NOT_FOUND', `No dead letter has the id ${JSON.stringify(id)}.`);
  return await client.get(pathOf(letter));
}

const pathOf = ({ service, id }: Pick<Letter, 'service' | 'id'>): string =>
  `/ops/v1/dead-letters/${encodeURIComponent(service)}/${encodeURIComponent(id)}`;
