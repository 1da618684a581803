/** What the checks found, and how far they are. */
import type { Verification } from '../inspect.ts';

export interface Violation {
  /** Stable name of the promise that is broken. */
  readonly rule: Rule;
  /** The document, stream, or place in the log. */
  readonly where: string;
  readonly detail: string;
}

export type Rule =
  | 'document-unreadable'
  | 'outbox-numbers'
  | 'holes'
  | 'keys-bound'
  | 'inbox-stream-twice'
  | 'letter-missing'
  | 'hole-missing'
  | 'timer-overdue'
  | 'stream-order'
  | 'stream-id'
  | 'id-unique'
  | 'output-lost'
  | 'event-unreadable'
  | 'event-lost'
  | 'payload';

export interface Progress {
  readonly step: string;
  readonly events: number;
  readonly documents: number;
}

const VIOLATIONS_MAX = 1_000;
const PROGRESS_EVERY = 5_000;

export class Report {
  #counts = { events: 0, documents: 0 };
  #found = 0;
  readonly #violations: Violation[] = [];
  readonly #notes = new Set<string>();
  /** Places of records that no service wrote. */
  readonly #foreign = { count: 0, first: '' };
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  #step = 'documents';
  #silent = 0;

  /** @param signal ends whatever is reported here: the next step or portion throws its reason. */
  constructor(onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  step(name: string): void {
    this.#signal?.throwIfAborted();
    this.#step = name;
    this.#tell();
  }

  /** Counts what was read. `again`: it was counted in an earlier step. */
  read(what: 'events' | 'documents', count: number, again = false): void {
    this.#signal?.throwIfAborted();
    if (!again) this.#counts[what] += count;
    this.#silent += count;
    if (this.#silent >= PROGRESS_EVERY) this.#tell();
  }

  violation(rule: Rule, where: string, detail: string): void {
    this.#found += 1;
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push({ rule, where, detail });
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  /** A record in a topic of ours that none of our services wrote: whoever reads it parks it, and nothing was promised of it. */
  foreign(where: string): void {
    this.#foreign.first ||= where;
    this.#foreign.count += 1;
  }

  get result(): Verification {
    const { count, first } = this.#foreign;
    const foreign =
      `Records by somebody else in topics to which only the services write: ${count}, the first at ${first}. ` +
      'Each service that reads them parks them as dead letters; see who may write there.';
    const notes = [...this.#notes, ...(count === 0 ? [] : [foreign])];
    return { ok: this.#found === 0, ...this.#counts, violations: this.#violations, notes };
  }

  #tell(): void {
    this.#silent = 0;
    this.#onProgress?.({ step: this.#step, ...this.#counts });
  }
}
