/** That each payload by reference is there, and is what its reference says. */
import type { DocumentStore } from '@coachloop/document-store';
import { PAYLOAD_COLLECTION } from '../document.ts';
import { PAYLOADS_AT_ONCE_MAX, referenceOf } from '../payloads.ts';
import type { Report } from './report.ts';

export class PayloadCheck {
  readonly #store: DocumentStore;
  readonly #report: Report;
  readonly #seen = new Set<string>();
  readonly #waiting = new Map<string, string>();

  constructor(store: DocumentStore, report: Report) {
    this.#store = store;
    this.#report = report;
  }

  /** @param where the first place that refers to it. */
  async check(ref: string, where: string): Promise<void> {
    if (this.#seen.has(ref)) return;
    this.#seen.add(ref);
    this.#waiting.set(ref, where);
    if (this.#waiting.size >= PAYLOADS_AT_ONCE_MAX) await this.finish();
  }

  async finish(): Promise<void> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (waiting.length === 0) return;
    const found = await this.#store.load(
      PAYLOAD_COLLECTION,
      waiting.map(([ref]) => ref),
    );
    waiting.forEach(([ref, where], i) => {
      const text = found[i]?.body.text;
      if (typeof text !== 'string') this.#report.violation('payload', where, `${ref} is not there`);
      else if (referenceOf(text) !== ref) this.#report.violation('payload', where, `${ref} has another content`);
    });
  }
}
