/**
 * The inbox: what an aggregate has handled, as a watermark per stream. At or below the watermark is a repetition, however
 * late it comes; so neither offsets nor fencing nor a ring of ids is needed. Hot entries live in the document; older ones
 * are spilled to the collection of marks and looked up when a stream is met that could be among them.
 */
import { createHash } from 'node:crypto';
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
}

/** Spilled entries are kept this long; what is older is never guessed, see `EVENT_TOO_OLD`. */
export const MARK_KEEP_MS = 5 * 366 * 24 * 3_600_000;

/** 128 bits name a stream: documents hold many of them, and sources may be any text. */
export const shortHash = (text: string): string => createHash('sha1').update(text).digest('base64url').slice(0, 22);

/** A stream is (source document, topic, key): over two topics or a changed key there would be no order to rely on. */
export const streamOf = (source: string, topic: string, key: string, era: string): string =>
  shortHash(`${source}\u001f${topic}\u001f${key}\u001f${era}`);

/** A foreign event is a stream of its own. */
export const foreignStream = (source: string, id: string): string => shortHash(`${source}\u001f${id}`);

const markId = (kind: string, id: string, stream: string, hash?: string): string =>
  shortHash(`${kind}/${id}\u001f${stream}${hash === undefined ? '' : `\u001f${hash}`}`);

/** The marks to look up before this message can be judged; none if its stream is hot, or too young to be spilled. */
export function marksToLookUp(kind: string, document: Document, identity: StreamIdentity): readonly string[] {
  if (identity.born > document.body.floor || findEntry(document.body.inbox, identity.stream)) return [];
  const base = markId(kind, document.id, identity.stream);
  return identity.hash === undefined ? [base] : [base, markId(kind, document.id, identity.stream, identity.hash)];
}

export const findEntry = (inbox: readonly InboxEntry[], stream: string): InboxEntry | undefined => {
  for (let i = inbox.length - 1; i >= 0; i -= 1) if (inbox[i]?.stream === stream) return inbox[i];
  return undefined;
};

/** The inbox of one document while a batch is handled. */
export class Inbox {
  readonly #entries: Map<string, InboxEntry>;
  readonly #touched = new Set<string>();
  readonly #marks: ReadonlyMap<string, number>;
  readonly #kind: string;
  readonly #id: string;
  #floor: number;

  constructor(kind: string, document: Document, marks: ReadonlyMap<string, number>) {
    this.#kind = kind;
    this.#id = document.id;
    this.#entries = new Map(document.body.inbox.map((entry) => [entry.stream, entry]));
    this.#floor = document.body.floor;
    this.#marks = marks;
  }

  get floor(): number {
    return this.#floor;
  }
  get entries(): readonly InboxEntry[] {
    return [...this.#entries.values()];
  }
  get holes(): number {
    let count = 0;
    for (const entry of this.#entries.values()) count += entry.holes.length;
    return count;
  }

  /** `conflict`: the same foreign id with another content. `too-old`: its mark may have expired, so nobody can tell. */
  judge(identity: StreamIdentity, wall: number): 'new' | 'seen' | 'conflict' | 'too-old' {
    const entry = this.#entries.get(identity.stream);
    if (identity.replay) return entry?.holes.includes(identity.seq) ? 'new' : 'seen';
    const seq = entry?.seq ?? this.#marks.get(markId(this.#kind, this.#id, identity.stream));
    if (seq === undefined && identity.born > 0 && identity.born + MARK_KEEP_MS < wall) return 'too-old';
    if (seq === undefined || identity.seq > seq) return 'new';
    if (identity.hash === undefined) return 'seen';
    const same = entry
      ? (entry.hash ?? identity.hash) === identity.hash
      : this.#marks.has(markId(this.#kind, this.#id, identity.stream, identity.hash));
    return same ? 'seen' : 'conflict';
  }

  /** Advances the watermark; `park` leaves a hole there. */
  mark(identity: StreamIdentity, park: boolean): void {
    const entry = this.#entries.get(identity.stream);
    const spilled = this.#marks.get(markId(this.#kind, this.#id, identity.stream)) ?? 0;
    const holes = (entry?.holes ?? []).filter((hole) => hole !== identity.seq);
    if (park) holes.push(identity.seq);
    const hash = identity.hash ?? entry?.hash;
    this.#entries.set(identity.stream, {
      stream: identity.stream,
      seq: Math.max(entry?.seq ?? spilled, identity.seq),
      born: entry?.born ?? identity.born,
      holes,
      ...(hash === undefined ? {} : { hash }),
    });
    this.#touched.add(identity.stream);
  }

  /** Removes an open hole without running it (an operator discards the letter). */
  discard(stream: string, seq: number): boolean {
    const entry = this.#entries.get(stream);
    if (!entry?.holes.includes(seq)) return false;
    this.#entries.set(stream, { ...entry, holes: entry.holes.filter((hole) => hole !== seq) });
    this.#touched.add(stream);
    return true;
  }

  /**
   * When over the bound, evicts the entries of lowest `born` down to half, but none that this batch touched (its spilled mark
   * could be overtaken by a lost save) and none with a hole. The caller raises the marks first and saves the document
   * after: a crash between the two leaves a mark too many, which is harmless; the other order would forget.
   */
  evict(wall: number): readonly Mark[] {
    if (this.#entries.size <= DOCUMENT_BOUNDS.inbox_hot_max) return [];
    const candidates = [...this.#entries.values()]
      .filter((entry) => entry.holes.length === 0 && !this.#touched.has(entry.stream))
      .sort((a, b) => a.born - b.born)
      .slice(0, this.#entries.size - DOCUMENT_BOUNDS.inbox_hot_max / 2);
    const marks: Mark[] = [];
    for (const entry of candidates) {
      this.#entries.delete(entry.stream);
      this.#floor = Math.max(this.#floor, entry.born);
      const expireAtMs = wall + MARK_KEEP_MS;
      marks.push({ id: markId(this.#kind, this.#id, entry.stream), seq: entry.seq, expireAtMs });
      if (entry.hash !== undefined)
        marks.push({ id: markId(this.#kind, this.#id, entry.stream, entry.hash), seq: entry.seq, expireAtMs });
    }
    return marks;
  }
}
