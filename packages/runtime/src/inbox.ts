/**
 * The inbox: what an aggregate has handled, as a watermark per stream. At or below the watermark is a repetition, however
 * late it comes; so neither offsets nor fencing nor a ring of ids is needed. Hot entries live in the document; older ones
 * are spilled to the collection of marks and looked up when a stream is met that could be among them.
 */
import { hash as digest } from 'node:crypto';
import type { Mark } from '@coachloop/document-store';
import { DOCUMENT_BOUNDS, type Document, type InboxEntry } from './document.ts';

/** How a message is recognised when it comes again. */
export interface StreamIdentity {
  readonly kind: 'stream';
  readonly stream: string;
  readonly seq: number;
  readonly born: number;
  /** Foreign events: short hash of the content. */
  readonly hash?: string;
  /** From a dead letter: runs only if it is an open hole. */
  readonly replay: boolean;
  /**
   * An event of one of our streams that could not be read when it came. Later ones of its stream may have been handled since
   * then, so it is also known by this name of its own; see `Inbox.resolve`.
   */
  readonly late?: string;
}

/** Spilled entries are kept this long in domain time; what is older is never guessed, see `EVENT_TOO_OLD`. */
export const MARK_KEEP_MS = 5 * 366 * 24 * 3_600_000;
/** A foreign event does not say when its source was created, so its marks are kept for good: 9999-12-31. */
const FOR_GOOD_MS = 253_402_214_400_000;

/** 128 bits name a stream: documents hold many of them, and sources may be any text. */
export const shortHash = (text: string): string => digest('sha1', text, 'base64url').slice(0, 22);

/** A stream is (source document, topic, key): over two topics or a changed key there would be no order to rely on. */
export const streamOf = (source: string, topic: string, key: string, era: string): string =>
  shortHash(`${source}\u001f${topic}\u001f${key}\u001f${era}`);

/** A foreign event is a stream of its own. */
export const foreignStream = (source: string, id: string): string => shortHash(`${source}\u001f${id}`);

/** Of a foreign event, so that an id that is used twice with different contents is noticed. */
export const contentOf = (type: string, data: unknown): string => `${type}\u001f${JSON.stringify(data)}`;
export const hashOfContent = (content: string): string => shortHash(content).slice(0, 12);

/** The stream of another content that came under the id of a foreign event: parked under this name, once. */
export const reusedStream = (stream: string, hash: string): string => `${stream}!${hash}`;

/**
 * Names the spilled watermark of a stream. `born` is part of it, so that a document that was removed for good (a projection that
 * is built again) and made anew does not take the old one's marks for its own.
 */
export const markIdOf = (kind: string, document: Document, stream: string, hash?: string): string =>
  shortHash(`${kind}/${document.id}\u001f${document.body.born}\u001f${stream}\u001f${hash ?? ''}`);

/** The marks to look up before this message can be judged; none if its stream is hot, or too young to be spilled. */
export function marksToLookUp(kind: string, document: Document, identity: StreamIdentity): readonly string[] {
  if (identity.replay || identity.born > document.body.floor) return [];
  const { stream, hash, late } = identity;
  const names: (readonly [string, string?])[] = [[stream]];
  if (hash !== undefined) names.push([stream, hash], [reusedStream(stream, hash)]);
  if (late !== undefined) names.push([late]);
  return names.flatMap(([name, ofHash]) =>
    findEntry(document.body.inbox, name) ? [] : [markIdOf(kind, document, name, ofHash)],
  );
}

const findEntry = (inbox: readonly InboxEntry[], stream: string): InboxEntry | undefined =>
  inbox.find((entry) => entry.stream === stream);

/** The inbox of one document while a batch is handled. */
export class Inbox {
  readonly #entries: Map<string, InboxEntry>;
  readonly #touched = new Set<string>();
  readonly #marks: ReadonlyMap<string, number>;
  readonly #kind: string;
  readonly #document: Document;
  #floor: number;
  #holes: number;

  /** @param marks what was found of the marks that `marksToLookUp` named. */
  constructor(kind: string, document: Document, marks: ReadonlyMap<string, number>) {
    this.#kind = kind;
    this.#document = document;
    this.#entries = new Map(document.body.inbox.map((entry) => [entry.stream, entry]));
    this.#holes = document.body.inbox.reduce((sum, { holes }) => sum + holes.length, 0);
    this.#floor = document.body.floor;
    this.#marks = marks;
  }

  get floor(): number {
    return this.#floor;
  }
  get entries(): readonly InboxEntry[] {
    return [...this.#entries.values()];
  }
  /** Open dead letters of this document. */
  get holes(): number {
    return this.#holes;
  }

  /** `conflict`: the same foreign id with another content. `too-old`: its mark may have expired, so nobody can tell. */
  judge(identity: StreamIdentity, now: number): 'new' | 'seen' | 'conflict' | 'too-old' {
    const entry = this.#entries.get(identity.stream);
    if (identity.replay) return this.isHole(identity) ? 'new' : 'seen';
    const seq = entry?.seq ?? this.#mark(identity.stream);
    if (seq !== undefined && identity.seq <= seq) return this.#isSame(identity, entry) ? 'seen' : 'conflict';
    if (entry?.tooOld) return 'too-old';
    // Above the floor nothing was ever spilled, and so nothing can have expired: a new consumer may read any history.
    const mayHaveExpired = identity.born > 0 && identity.born <= this.#floor && identity.born + MARK_KEEP_MS < now;
    return seq === undefined && mayHaveExpired ? 'too-old' : 'new';
  }

  isHole({ stream, seq }: { readonly stream: string; readonly seq: number }): boolean {
    return this.#entries.get(stream)?.holes.includes(seq) ?? false;
  }

  /**
   * Under which identity an event is handled that was parked before anybody could read it: its own while its stream has not
   * come so far; else, passed by later ones, as a stream by itself. Null: it was handled, under either.
   */
  resolve(identity: StreamIdentity): StreamIdentity | null {
    const { late, stream, seq, born } = identity;
    if (late === undefined) return identity;
    if (this.#seqOf(late) !== undefined) return null;
    const reached = this.#seqOf(stream);
    if (reached === undefined || reached < seq) return identity;
    return reached === seq ? null : { kind: 'stream', stream: late, seq: 1, born, replay: false };
  }

  /** Advances the watermark; `park` leaves a hole there. */
  mark(identity: StreamIdentity, park: boolean, tooOld = false): void {
    const { stream, seq, born, late } = identity;
    const entry = this.#entries.get(stream);
    const holes = (entry?.holes ?? []).filter((hole) => hole !== seq);
    if (park) holes.push(seq);
    const hash = identity.hash ?? entry?.hash;
    this.#put({
      ...(entry ?? { born }),
      stream,
      seq: Math.max(this.#seqOf(stream) ?? 0, seq),
      holes,
      ...(hash === undefined ? {} : { hash }),
      ...(tooOld ? { tooOld } : {}),
    });
    if (late !== undefined) this.#put({ stream: late, seq: 1, born, holes: [] });
  }

  /** Removes an open hole without running it (an operator discards the letter). */
  discard(stream: string, seq: number): boolean {
    const entry = this.#entries.get(stream);
    if (!entry?.holes.includes(seq)) return false;
    this.#put({ ...entry, holes: entry.holes.filter((hole) => hole !== seq) });
    return true;
  }

  /**
   * When over the bound, evicts the entries of lowest `born` down to half, but none that this batch touched (its spilled mark
   * could be overtaken by a lost save) and none with a hole. The caller raises the marks first and saves the document
   * after: a crash between the two leaves a mark too many, which is harmless; the other order would forget.
   */
  evict(now: number): readonly Mark[] {
    if (this.#entries.size <= DOCUMENT_BOUNDS.inbox_hot_max) return [];
    const candidates = [...this.#entries.values()]
      .filter((entry) => entry.holes.length === 0 && !this.#touched.has(entry.stream))
      .sort((a, b) => a.born - b.born)
      .slice(0, this.#entries.size - DOCUMENT_BOUNDS.inbox_hot_max / 2);
    const marks: Mark[] = [];
    for (const { stream, seq, born, hash, tooOld } of candidates) {
      this.#entries.delete(stream);
      this.#floor = Math.max(this.#floor, born);
      if (tooOld) continue; // a mark would say that what follows is new, and nobody knows that
      const expireAtMs = born === 0 ? FOR_GOOD_MS : now + MARK_KEEP_MS;
      const mark = (ofHash?: string) =>
        marks.push({ id: markIdOf(this.#kind, this.#document, stream, ofHash), seq, expireAtMs });
      mark();
      if (hash !== undefined) mark(hash);
    }
    return marks;
  }

  #put(entry: InboxEntry): void {
    this.#holes += entry.holes.length - (this.#entries.get(entry.stream)?.holes.length ?? 0);
    this.#entries.set(entry.stream, entry);
    this.#touched.add(entry.stream);
  }

  #seqOf(stream: string): number | undefined {
    return this.#entries.get(stream)?.seq ?? this.#mark(stream);
  }

  #isSame({ stream, hash }: StreamIdentity, entry: InboxEntry | undefined): boolean {
    if (hash === undefined) return true;
    return entry ? (entry.hash ?? hash) === hash : this.#mark(stream, hash) !== undefined;
  }

  #mark(stream: string, hash?: string): number | undefined {
    return this.#marks.size === 0 ? undefined : this.#marks.get(markIdOf(this.#kind, this.#document, stream, hash));
  }
}
