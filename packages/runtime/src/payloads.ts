/**
 * Payloads above the bound travel by reference: content-addressed, immutable, kept as long as the log. They are written
 * before the document whose outbox names them, and fetched in the load phase of whoever handles the event.
 */
import { sha256 } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import { DOCUMENT_BOUNDS, type OutboxEntry, PAYLOAD_COLLECTION } from './document.ts';
import { RuntimeError } from './errors.ts';

/** Keeps the texts, one round trip; returns their references. */
export async function putPayloads(store: DocumentStore, texts: readonly string[]): Promise<readonly string[]> {
  const refs = texts.map((text) => `sha256:${sha256(text)}`);
  if (texts.length > 0) {
    const known = await store.load(PAYLOAD_COLLECTION, refs);
    const writes = refs.flatMap((id, i) =>
      known[i] || refs.indexOf(id) !== i
        ? []
        : [
            {
              expectedVersion: 0,
              document: { id, version: 1, wakeAt: null, lane: null, body: { text: texts[i] as string } },
            },
          ],
    );
    // Lost means that somebody else has just written the same bytes; unknown is not good enough.
    if (writes.length > 0 && (await store.save(PAYLOAD_COLLECTION, writes)).includes('unknown'))
      throw new RuntimeError('RUNTIME_UNAVAILABLE', 'The store did not say whether it kept a payload.');
  }
  return refs;
}

/** Texts by reference, one round trip. An absent one is a pause, not a failure: its owner may be away. */
export async function getPayloads(store: DocumentStore, refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const unique = [...new Set(refs)];
  if (unique.length === 0) return new Map();
  const found = await store.load(PAYLOAD_COLLECTION, unique);
  return new Map(
    unique.map((ref, i) => {
      const text = found[i]?.body.text;
      if (typeof text !== 'string')
        throw new RuntimeError('RUNTIME_UNAVAILABLE', `The payload ${ref} is not there yet.`);
      return [ref, text];
    }),
  );
}

const texts = new WeakMap<OutboxEntry, string>();

/** The payload of an entry as JSON, made once: its size is needed before the save, its bytes after it. */
export function textOf(entry: OutboxEntry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = JSON.stringify(entry.data);
    texts.set(entry, text);
  }
  return text;
}

export const isLarge = (text: string): boolean =>
  text.length > DOCUMENT_BOUNDS.payload_bytes_max / 3 && Buffer.byteLength(text) > DOCUMENT_BOUNDS.payload_bytes_max;
