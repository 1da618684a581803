/** Every document by itself; what depends on others is collected as a suspect, and looked at again at the end. */
import { DEAD_LETTER_TYPE, deadLetterTopic } from '@coachloop/contracts';
import type { DocumentStore, StoredDocument } from '@coachloop/document-store';
import type { EventLog } from '@coachloop/event-log';
import type { Aggregate } from '../definition.ts';
import { type Body, DOCUMENT_BOUNDS, type Document, readDocument } from '../document.ts';
import type { Inspected, InspectOptions } from '../inspect.ts';
import { type LetterState, letterIdOf, lettersCollection } from '../letters.ts';
import type { PayloadCheck } from './payloads.ts';
import type { Report, Rule } from './report.ts';

const PAGE = 200;
const WAIT_REAL_MS = 50;
/** How often what is late is looked at again, while its service runs. */
const LOOKS_MAX = 100;

export async function* pagesOf(store: DocumentStore, collection: string): AsyncGenerator<readonly StoredDocument[]> {
  let afterId: string | undefined;
  for (;;) {
    const page = await store.scan(collection, { limit: PAGE, ...(afterId === undefined ? {} : { afterId }) });
    if (page.length > 0) yield page;
    afterId = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

/** Something that is wrong unless it is under way. */
export interface Suspect {
  readonly service: Inspected;
  readonly rule: Rule;
  readonly where: string;
  readonly detail: string;
  readonly lane: string | null;
  /** Looks again. */
  readonly holds: (store: DocumentStore) => Promise<boolean>;
}

/** By source: up to which number its outputs must be in the log. */
export type Outputs = ReadonlyMap<string, number>;

export async function checkDocuments(
  store: DocumentStore,
  services: readonly Inspected[],
  atMs: number,
  payloads: PayloadCheck,
  report: Report,
): Promise<{ outputs: Outputs; suspects: readonly Suspect[] }> {
  report.step('documents');
  const outputs = new Map<string, number>();
  const suspects: Suspect[] = [];
  for (const service of services)
    for (const aggregate of service.aggregates) {
      const kind = `${service.definition.name}/${aggregate.collection}`;
      for await (const page of pagesOf(store, aggregate.collection)) {
        for (const stored of page) {
          const where = `${kind}/${stored.id}`;
          const document = checkReadable(aggregate, stored, where, report);
          if (!document) continue;
          const { body } = document;
          checkBody(body, where, report);
          outputs.set(`/${where}`, (body.outbox[0]?.n ?? body.n + 1) - 1);
          for (const { dataref } of body.outbox) if (dataref !== undefined) await payloads.check(dataref, where);
          suspects.push(...lettersOf(service, aggregate, document, where));
          if (document.wakeAt !== null && document.wakeAt <= atMs)
            suspects.push(timerOf(service, aggregate, document, where));
        }
        report.read('documents', page.length);
      }
    }
  await payloads.finish();
  return { outputs, suspects };
}

/** Lists that every document has; one that somebody changed by hand may have lost them. */
const LISTS = ['inbox', 'outbox', 'keys'] as const satisfies readonly (keyof Body)[];

function checkReadable(aggregate: Aggregate<never>, stored: StoredDocument, where: string, report: Report) {
  try {
    const document = readDocument(aggregate, stored);
    const missing = LISTS.find((list) => !Array.isArray(document.body[list]));
    if (missing !== undefined) throw new Error(`its ${missing} is no list`);
    return document;
  } catch (error) {
    report.violation('document-unreadable', where, String(error));
    return null;
  }
}

function checkBody({ n, outbox, inbox, holes, keys }: Body, where: string, report: Report): void {
  const first = n - outbox.length + 1;
  if (first < 1 || outbox.some((entry, i) => entry.n !== first + i))
    report.violation('outbox-numbers', where, `n is ${n}, and the outbox holds ${outbox.map((entry) => entry.n)}`);
  const open = inbox.reduce((sum, entry) => sum + entry.holes.length, 0);
  if (open !== (holes ?? 0) || open > DOCUMENT_BOUNDS.holes_max)
    report.violation('holes', where, `${open} holes are open, ${holes} are counted`);
  if (inbox.some((entry) => entry.holes.some((hole) => hole > entry.seq)))
    report.violation('holes', where, 'a hole is above its watermark');
  if (new Set(inbox.map((entry) => entry.stream)).size < inbox.length)
    report.violation('inbox-stream-twice', where, 'one stream has two watermarks');
  if (keys.length > DOCUMENT_BOUNDS.keys_max) report.violation('keys-bound', where, `${keys.length} keys are kept`);
}

/** An open hole has an open letter, and the other way round. */
function lettersOf(service: Inspected, aggregate: Aggregate<never>, document: Document, where: string): Suspect[] {
  const group = service.definition.name;
  const letters = lettersCollection(group);
  const { collection } = aggregate;
  const suspects: Suspect[] = document.body.inbox.flatMap(({ stream, holes }) =>
    holes.map((seq): Suspect => {
      const letter = letterIdOf({ group, collection, aggregate: document.id, stream, seq });
      const detail = `the hole ${stream}#${seq} has no open letter ${letter}`;
      const holds = async (store: DocumentStore) => {
        const hole = await isHole(store, collection, document.id, stream, seq);
        return !hole || (await isOpen(store, letters, letter));
      };
      return { service, rule: 'letter-missing', where, detail, lane: document.lane, holds };
    }),
  );
  if (collection !== letters) return suspects;
  const { letter, status } = (document.body.state ?? {}) as Partial<LetterState>;
  if (status !== 'open' || !letter) return suspects;
  const holds = async (store: DocumentStore) => {
    const open = await isOpen(store, letters, document.id);
    return !open || (await isHole(store, letter.collection, letter.aggregate, letter.stream, letter.seq));
  };
  const detail = `${letter.collection}/${letter.aggregate} has no hole ${letter.stream}#${letter.seq}`;
  return [...suspects, { service, rule: 'hole-missing', where, detail, lane: document.lane, holds }];
}

function timerOf(service: Inspected, { collection }: Aggregate<never>, document: Document, where: string): Suspect {
  const { wakeN } = document.body;
  const holds = async (store: DocumentStore) => {
    const [now] = await store.load(collection, [document.id]);
    return now?.wakeAt !== document.wakeAt || now.body.wakeN !== wakeN;
  };
  const detail = `due since ${new Date(document.wakeAt ?? 0).toISOString()}`;
  return { service, rule: 'timer-overdue', where, detail, lane: document.lane, holds };
}

async function isHole(store: DocumentStore, collection: string, id: string, stream: string, seq: number) {
  const [document] = await store.load(collection, [id]);
  const inbox = (document?.body as unknown as Body | undefined)?.inbox ?? []; // as stored: perhaps there is none
  return inbox.some((entry) => entry.stream === stream && entry.holes.includes(seq));
}

async function isOpen(store: DocumentStore, collection: string, id: string): Promise<boolean> {
  const [document] = await store.load(collection, [id]);
  return (document?.body.state as Partial<LetterState> | null | undefined)?.status === 'open';
}

/** What is still wrong when everything that was under way has arrived. */
export async function checkSuspects(
  { store, log, clock, live }: InspectOptions,
  services: readonly Inspected[],
  suspects: readonly Suspect[],
  report: Report,
): Promise<void> {
  report.step('letters and timers');
  let left = suspects;
  for (let look = 0; left.length > 0 && look < LOOKS_MAX; look += 1) {
    const holds = await Promise.all(left.map((suspect) => suspect.holds(store)));
    left = left.filter((_, i) => !holds[i]);
    if (left.length === 0 || !live) break;
    await clock.sleep(WAIT_REAL_MS);
  }
  const behind = new Map(
    await Promise.all(services.map(async (service) => [service, await lagging(log, store, service)] as const)),
  );
  for (const { service, rule, where, detail, lane } of left) {
    const late = behind.get(service) ?? new Set();
    if (rule === 'timer-overdue' ? live && !late.has(lane ?? '') : !late.has(LETTERS))
      report.violation(rule, where, detail);
  }
}

const LETTERS = 'letters';

/** Partitions of which a service has not read everything; and whether letters are under way. */
async function lagging(log: EventLog, store: DocumentStore, service: Inspected): Promise<ReadonlySet<string>> {
  const { name } = service.definition;
  const [ends, committed] = await Promise.all([log.watermarks(service.topics), log.committed(name, service.topics)]);
  const late = new Set<string>();
  for (const { topic, partition, first, next } of ends) {
    const at = committed.find((each) => each.topic === topic && each.partition === partition)?.offset ?? first;
    if (at >= next) continue;
    late.add(String(partition));
    if (topic === deadLetterTopic(name)) late.add(LETTERS);
  }
  for (const { collection } of service.aggregates)
    for await (const page of pagesOfOutbox(store, collection))
      if (page.some(({ body }) => (body as unknown as Body).outbox?.some((entry) => isOfLetters(entry.type))))
        late.add(LETTERS);
  return late;
}

const isOfLetters = (type: string): boolean => type === DEAD_LETTER_TYPE || type === 'dead-letter.resolved';

async function* pagesOfOutbox(store: DocumentStore, collection: string): AsyncGenerator<readonly StoredDocument[]> {
  let cursor: string | undefined;
  do {
    const page = await store.query(collection, {
      index: 'outbox-since',
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield page.documents;
    cursor = page.next;
  } while (cursor !== undefined);
}
