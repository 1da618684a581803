/** Inbox and Work against the simplest model: the set of what was handled. */
import { DomainError } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksToLookUp, type StreamIdentity } from '../src/inbox.ts';
import {
  type Aggregate,
  aggregate,
  DOCUMENT_BOUNDS,
  type Document,
  newDocument,
  readDocument,
  toStored,
} from '../src/index.ts';
import { type Input, Work, type WorkContext } from '../src/work.ts';

const NOW = Date.UTC(2026, 0, 1);
const YEAR_MS = 366 * 24 * 3_600_000;

interface Seen {
  readonly handled: readonly string[];
}
const counting = aggregate<Seen>({
  collection: 'things',
  schema: 1,
  initial: () => ({ handled: [] }),
  handle: (state, { id, data }) => {
    if (data === 'poison') throw new DomainError('POISON', 'no');
    return { state: { ...state, handled: [...state.handled, id] }, events: [], wakeAt: null };
  },
});

const context = (now = NOW): WorkContext => ({
  service: 'svc',
  topicOf: (type) => `topic-of-${type}`,
  now,
  wall: now,
  fails: () => false,
});

function inputOf(identity: StreamIdentity, data: unknown = null): Input {
  const id = `${identity.stream}#${identity.seq}`;
  return {
    target: { collection: 'things', id: 't' },
    message: { id, kind: 'event', type: 'x', source: 's', time: NOW, data, origin: { topic: 'x', partition: 0 } },
    identity,
    cause: id,
    lane: '0',
    origin: { record: { topic: 'x', partition: 0, offset: 0, key: 'k', headers: {}, value: null, timestampMs: NOW } },
    failedBefore: true,
  };
}

const event = (stream: string, seq: number, born: number): StreamIdentity => ({
  kind: 'stream',
  stream,
  seq,
  born,
  replay: false,
});

/** A document and the store of its marks, as the processor moves them. */
class Thing {
  document: Document = newDocument(counting, 't', NOW - YEAR_MS, '0');
  readonly marks = new Map<string, number>();
  work: Work | null = null;

  batch(inputs: readonly Input[], { saved = true, now = NOW } = {}): Work {
    const ids = inputs.flatMap(({ identity }) =>
      identity.kind === 'stream' ? marksToLookUp('things', this.document, identity) : [],
    );
    const found = new Map(ids.flatMap((id) => (this.marks.has(id) ? [[id, this.marks.get(id) as number]] : [])));
    const work = new Work(context(now), counting, this.document, found, this.document.body.n);
    work.run(inputs);
    for (const { id, seq } of work.evicted) this.marks.set(id, Math.max(seq, this.marks.get(id) ?? 0));
    // Through JSON, as a store keeps it. A crash before the save leaves the marks raised and the document as it was.
    const { result } = work;
    if (saved && result) this.document = readDocument(counting, JSON.parse(JSON.stringify(toStored(result))));
    this.work = work;
    return work;
  }

  get handled(): readonly string[] {
    return (this.document.body.state as Seen | null)?.handled ?? [];
  }
  get hot(): number {
    return this.document.body.inbox.length;
  }
}

describe('inbox', () => {
  it('is at most 64 after each batch of old streams, spills the oldest and forgets nothing', () => {
    const thing = new Thing();
    for (let i = 0; i < 300; i += 1) thing.batch([inputOf(event(`s${i}`, 5, 1_000 + i))]);
    expect(thing.hot).toBeLessThanOrEqual(DOCUMENT_BOUNDS.inbox_hot_max);
    expect(thing.hot).toBeGreaterThanOrEqual(DOCUMENT_BOUNDS.inbox_hot_max / 2);
    expect(thing.marks.size).toBe(300 - thing.hot);
    expect(thing.document.body.floor).toBe(1_000 + 300 - thing.hot - 1);
    const before = thing.document;
    for (let i = 0; i < 300; i += 1) expect(thing.batch([inputOf(event(`s${i}`, 5, 1_000 + i))]).result).toBeNull();
    expect(thing.document).toBe(before);
  });

  it('a spilled stream that goes on is new above its mark only', () => {
    const thing = new Thing();
    for (let i = 0; i < 100; i += 1) thing.batch([inputOf(event(`s${i}`, 5, 1_000 + i))]);
    const ran = thing.batch([inputOf(event('s0', 4, 1_000)), inputOf(event('s0', 6, 1_000))]).ran;
    expect(ran.map(({ outcome }) => outcome.status)).toEqual(['duplicate', 'done']);
  });

  it('a stream younger than the floor is never looked up', () => {
    const thing = new Thing();
    for (let i = 0; i < 100; i += 1) thing.batch([inputOf(event(`s${i}`, 1, 1_000 + i))]);
    expect(marksToLookUp('things', thing.document, event('young', 1, 5_000))).toEqual([]);
    expect(marksToLookUp('things', thing.document, event('old', 1, 900))).toHaveLength(1);
  });

  it('evicts nothing that the batch touched, and no stream with a hole', () => {
    const thing = new Thing();
    thing.batch([inputOf(event('hole', 1, 1), 'poison')]);
    const batch = Array.from({ length: 200 }, (_, i) => inputOf(event(`s${i}`, 1, 10 + i)));
    thing.batch(batch);
    expect(thing.hot).toBe(201);
    thing.batch([inputOf(event('next', 1, 5_000))]);
    expect(thing.hot).toBe(DOCUMENT_BOUNDS.inbox_hot_max / 2);
    expect(thing.document.body.inbox.map(({ stream }) => stream)).toContain('hole');
    expect(thing.document.body.inbox.map(({ stream }) => stream)).toContain('next');
  });

  it('what may have been forgotten is parked, and what follows it too; a document that never spilled knows everything', () => {
    const thing = new Thing();
    const late = { now: NOW + 20 * YEAR_MS };
    expect(thing.batch([inputOf(event('ancient', 1, 1_000))], late).ran[0]?.outcome.status).toBe('done');
    for (let i = 0; i < 100; i += 1) thing.batch([inputOf(event(`s${i}`, 5, 2_000 + i))], late);
    thing.marks.clear(); // they have expired
    const statusOf = (seq: number) => {
      const [ran] = thing.batch([inputOf(event('s1', seq, 2_001))], late).ran;
      return ran?.outcome.status === 'parked' ? ran.outcome.reason.code : ran?.outcome.status;
    };
    expect([statusOf(3), statusOf(3), statusOf(4)]).toEqual(['EVENT_TOO_OLD', 'duplicate', 'EVENT_TOO_OLD']);
  });

  it('a document that was removed for good and made again does not take the old marks for its own', () => {
    const thing = new Thing();
    for (let i = 0; i < 100; i += 1) thing.batch([inputOf(event(`s${i}`, 5, 1_000 + i))]);
    thing.document = newDocument(counting, 't', NOW, '0');
    for (let i = 0; i < 100; i += 1) thing.batch([inputOf(event(`s${i}`, 5, 1_000 + i))]);
    expect(thing.handled).toHaveLength(100);
  });

  it('agrees with a set of what was handled: any streams, batches, repetitions, poison, replays and crashes', () => {
    const streams = 100;
    const step = fc.record({
      stream: fc.integer({ min: 0, max: streams - 1 }),
      /** Repeats what came before by so many, or goes on. */
      back: fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
      gap: fc.integer({ min: 1, max: 3 }),
      poison: fc.integer({ min: 0, max: 99 }).map((n) => n === 0),
    });
    const batches = fc.array(
      fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 12 }), crash: fc.boolean(), replay: fc.boolean() }),
      { minLength: 20, maxLength: 120 },
    );
    fc.assert(
      fc.property(batches, (all) => {
        const thing = new Thing();
        const sent = Array.from({ length: streams }, () => [] as number[]);
        const bad = new Set<string>();
        const good = new Set<string>();
        const expected = new Set<string>();
        const parked = new Map<string, StreamIdentity>();
        for (const { steps, crash, replay } of all) {
          const inputs = steps.map(({ stream, back, gap, poison }) => {
            const list = sent[stream] as number[];
            const seq = back < 0 || list.length === 0 ? (list.at(-1) ?? 0) + gap : (list.at(-1 - back) ?? list[0] ?? 1);
            if (!list.includes(seq)) list.push(seq);
            const identity = event(`s${stream}`, seq, NOW - YEAR_MS + ((stream * 37) % streams));
            const name = `s${stream}#${seq}`;
            // An event is what it is: one that was sent whole, in this batch or before, is never poison when it comes again.
            if (poison && !good.has(name) && bad.size < 30) bad.add(name);
            if (!bad.has(name)) good.add(name);
            return inputOf(identity, bad.has(name) ? 'poison' : null);
          });
          if (crash) thing.batch(inputs, { saved: false });
          thing.batch(inputs);
          for (const { identity, message } of inputs) {
            if (bad.has(message.id)) parked.set(message.id, identity as StreamIdentity);
            else expected.add(message.id);
          }
          if (!replay) continue;
          // Each letter so far, mended, twice.
          const replays = [...parked.values()].map((identity) => inputOf({ ...identity, born: 0, replay: true }));
          thing.batch([...replays, ...replays]);
          for (const name of parked.keys()) expected.add(name);
          for (const name of parked.keys()) bad.delete(name);
          for (const name of parked.keys()) good.add(name);
          parked.clear();
        }
        expect(thing.handled.length).toBe(new Set(thing.handled).size);
        expect(new Set(thing.handled)).toEqual(expected);
        expect(thing.document.body.holes ?? 0).toBe(parked.size);
      }),
      { numRuns: 200 },
    );
  });
});

describe('timers', () => {
  const nagging = aggregate<Seen>({
    collection: 'things',
    schema: 1,
    initial: () => ({ handled: [] }),
    handle: (state, { id }) => ({ state: { handled: [...state.handled, id] }, events: [], wakeAt: NOW }),
  });
  const run = (document: Document, seq: number) => {
    const work = new Work(context(), nagging, document, new Map(), 0);
    work.run([inputOf({ ...event('timer', seq, 1), stream: 'timer' })]);
    return work;
  };

  it('one that is set again for the very time it fired at is another one, and fires once', () => {
    const made = new Work(context(), nagging, newDocument(nagging, 't', NOW, '0'), new Map(), 0);
    made.run([inputOf(event('s', 1, 1))]);
    const first = run(made.result as Document, 1);
    expect(first.result).toMatchObject({ wakeAt: NOW, body: { wakeN: 2 } });
    expect(run(first.result as Document, 1).result).toBeNull();
    expect(run(first.result as Document, 2).result?.body.wakeN).toBe(3);
  });
});

describe('documents', () => {
  const versions = (schema: number, upcasts = {}): Aggregate<never> =>
    aggregate({ ...counting, schema, upcasts } as never);
  const stored = (schema: number) => {
    const document = newDocument(counting, 't', NOW, '0');
    const state = { handled: [], unknown: { kept: true } };
    return toStored({ ...document, version: 1, body: { ...document.body, schema, state } });
  };

  it('older shapes are read through upcasts, one step at a time', () => {
    const upcasts = { 1: (state: object) => ({ ...state, two: 2 }), 2: (state: object) => ({ ...state, three: 3 }) };
    const { body } = readDocument(versions(3, upcasts), stored(1));
    expect(body).toMatchObject({ schema: 3, state: { two: 2, three: 3, unknown: { kept: true } } });
  });

  it('a shape of the next release is read as it is, keeps its mark and its fields; a later one is refused', () => {
    const document = readDocument(counting, stored(2));
    expect(document.body).toMatchObject({ schema: 2, state: { unknown: { kept: true } } });
    const work = new Work(context(), counting, document, new Map(), 0);
    work.run([inputOf(event('s', 1, 1))]);
    expect(work.result?.body).toMatchObject({ schema: 2, state: { handled: ['s#1'], unknown: { kept: true } } });
    expect(() => readDocument(counting, stored(3))).toThrowError(
      expect.objectContaining({ code: 'RUNTIME_SCHEMA_UNKNOWN' }),
    );
  });

  it('a missing upcast is said', () => {
    expect(() => readDocument(versions(2), stored(1))).toThrowError(
      expect.objectContaining({ code: 'RUNTIME_SCHEMA_UNKNOWN' }),
    );
  });
});
