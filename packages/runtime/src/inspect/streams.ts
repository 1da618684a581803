/**
 * The log as readers rely on it: in each stream first occurrences come with rising numbers, each number under one id, each id
 * once per source; and all outputs of each document are there. Two passes, so that of an event there are a few bits in memory: the
 * first finds what may be a repetition, the second compares exactly those. Of each document and stream there is an entry.
 */
import { hash } from 'node:crypto';
import { deadLetterTopic, retryTopic, TOPICS } from '@coachloop/contracts';
import type { EventLog, LogRecord } from '@coachloop/event-log';
import { isIntake, ownStream, textHeader, Unreadable } from '../envelope.ts';
import type { Inspected } from '../inspect.ts';
import type { Outputs } from './documents.ts';
import type { PayloadCheck } from './payloads.ts';
import type { Report } from './report.ts';

/** Bits of the filter per record: one record in so many looks like a repetition, and is compared. */
const FILTER_BITS = 32;

interface Numbered {
  readonly where: string;
  readonly source: string;
  readonly id: string;
  readonly stream: string;
  readonly seq: number;
  readonly dataref: string | undefined;
}

export async function checkStreams(
  log: EventLog,
  services: readonly Inspected[],
  outputs: Outputs,
  payloads: PayloadCheck,
  report: Report,
): Promise<void> {
  const topics = await publishedTopics(log, services);
  const ends = await log.watermarks(topics);
  const count = ends.reduce((sum, { first, next }) => sum + next - first, 0);
  const pass = new FirstPass(count, outputs);
  report.step('the log');
  for await (const records of log.scan({ topics, from: 'start' })) {
    for (const record of records) {
      const numbered = numberedOf(record, report);
      if (!numbered) continue;
      pass.take(numbered);
      if (numbered.dataref !== undefined) await payloads.check(numbered.dataref, numbered.where);
    }
    report.read('events', records.length);
  }
  await payloads.finish();
  for (const topic of [...new Set(services.flatMap((service) => service.topics))].filter(isIntake))
    report.read('events', await sizeOf(log, topic));
  if (ends.some(({ first }) => first > 0))
    report.note('Retention dropped records: whether every output was published cannot be checked.');
  else checkOutputs(outputs, pass, report);
  if (pass.repeated.size > 0 || pass.candidates.size > 0) await secondPass(log, topics, pass, report);
}

async function publishedTopics(log: EventLog, services: readonly Inspected[]): Promise<string[]> {
  const names = services.map(({ definition }) => definition.name);
  const kernel = names.flatMap((name) => [retryTopic(name), deadLetterTopic(name)]);
  const existing = new Set((await log.topics()).map(({ name }) => name));
  return [...Object.keys(TOPICS).filter((topic) => !isIntake(topic)), ...kernel].filter((name) => existing.has(name));
}

async function sizeOf(log: EventLog, topic: string): Promise<number> {
  return (await log.watermarks([topic])).reduce((sum, { first, next }) => sum + next - first, 0);
}

/** Null: a foreign record, which promises nothing, or none that can be read. */
function numberedOf(record: LogRecord, report?: Report): Numbered | null {
  const where = `${record.topic}/${record.partition}/${record.offset}`;
  if (['ce_stream', 'ce_seq', 'ce_born'].every((name) => record.headers[name] === undefined)) {
    report?.foreign(where);
    return null;
  }
  try {
    const own = ownStream(record);
    const [source, id] = [textHeader(record, 'ce_source'), textHeader(record, 'ce_id')];
    if (own && source && id)
      return { where, source, id, stream: own.stream, seq: own.seq, dataref: textHeader(record, 'ce_dataref') };
    report?.violation('event-unreadable', where, 'it has no stream, number, source or id');
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    report?.violation('event-unreadable', where, error.message);
  }
  return null;
}

const identityOf = ({ source, id }: Numbered): string => `${source}\u001f${id}`;
const placeOf = ({ stream, seq }: Numbered): string => `${stream}#${seq}`;

class FirstPass {
  /** Places in a stream that come more than once, or too late. */
  readonly repeated = new Set<string>();
  readonly streams = new Set<string>();
  /** Ids that perhaps come under two numbers. */
  readonly candidates = new Set<string>();
  /** By stream, the highest number so far. */
  readonly #reached = new Map<string, number>();
  /** By source, how many of those outputs are there that must be. */
  readonly #counted = new Map<string, number>();
  readonly #outputs: Outputs;
  readonly #filter: Uint32Array;

  constructor(records: number, outputs: Outputs) {
    this.#outputs = outputs;
    this.#filter = new Uint32Array(Math.max(1, Math.ceil((records * FILTER_BITS) / 32)));
  }

  take(event: Numbered): void {
    const { stream, seq, source } = event;
    if (seq <= (this.#reached.get(stream) ?? 0)) {
      this.repeated.add(placeOf(event));
      this.streams.add(stream);
      return;
    }
    this.#reached.set(stream, seq);
    if (!this.#isNewId(event)) this.candidates.add(identityOf(event));
    if (seq <= (this.#outputs.get(source) ?? 0)) this.#counted.set(source, this.countOf(source) + 1);
  }

  countOf(source: string): number {
    return this.#counted.get(source) ?? 0;
  }

  #isNewId(event: Numbered): boolean {
    const digest = hash('sha1', identityOf(event), 'buffer');
    const bit = digest.readUInt32LE(0) % (this.#filter.length * 32);
    const [word, mask] = [bit >>> 5, 1 << (bit & 31)];
    const before = this.#filter[word] ?? 0;
    this.#filter[word] = before | mask;
    return (before & mask) === 0;
  }
}

function checkOutputs(outputs: Outputs, pass: FirstPass, report: Report): void {
  for (const [source, n] of outputs) {
    const found = pass.countOf(source);
    if (found < n) report.violation('output-lost', source, `${n} outputs were acknowledged, ${found} are in the log`);
  }
}

/** Records that share a number, or perhaps an id, with another one. */
async function secondPass(log: EventLog, topics: readonly string[], pass: FirstPass, report: Report): Promise<void> {
  report.step('repetitions in the log');
  const check = new Repetitions(pass, report);
  for await (const records of log.scan({ topics, from: 'start' })) {
    for (const record of records) {
      const event = numberedOf(record);
      if (event) check.take(event);
    }
    report.read('events', records.length, true);
  }
}

class Repetitions {
  readonly #pass: FirstPass;
  readonly #report: Report;
  readonly #idAt = new Map<string, string>();
  readonly #placeOfId = new Map<string, string>();
  readonly #reached = new Map<string, number>();

  constructor(pass: FirstPass, report: Report) {
    this.#pass = pass;
    this.#report = report;
  }

  take(event: Numbered): void {
    const [place, identity] = [placeOf(event), identityOf(event)];
    const isRepeated = this.#pass.repeated.has(place);
    if (isRepeated) this.#checkPlace(event, place);
    if (isRepeated || this.#pass.candidates.has(identity)) this.#checkId(event, place, identity);
    if (this.#pass.streams.has(event.stream))
      this.#reached.set(event.stream, Math.max(event.seq, this.#reached.get(event.stream) ?? 0));
  }

  #checkPlace({ id, where, stream, seq }: Numbered, place: string): void {
    const first = this.#idAt.get(place);
    if (first === undefined) this.#idAt.set(place, id);
    else if (first !== id) this.#report.violation('stream-id', where, `${place} is ${id} here, and ${first} before`);
    const reached = this.#reached.get(stream) ?? 0;
    if (first === undefined && reached > seq)
      this.#report.violation('stream-order', where, `${place} comes first after ${reached}`);
  }

  #checkId({ id, where }: Numbered, place: string, identity: string): void {
    const first = this.#placeOfId.get(identity);
    if (first === undefined) this.#placeOfId.set(identity, place);
    else if (first !== place) this.#report.violation('id-unique', where, `${id} is ${place} here, ${first} before`);
  }
}
