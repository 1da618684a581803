/**
 * Payloads above the bound travel by reference: content-addressed, immutable, kept as long as the log. They are written
 * before the document whose outbox names them, and fetched in the load phase of whoever handles the event.
 */
import { sha256 } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import { inHalves } from './bulk.ts';
import { DOCUMENT_BOUNDS, type OutboxEntry, PAYLOAD_COLLECTION } from './document.ts';
import { RuntimeError } from './errors.ts';

/** Most payloads that one process fetches at once: they may have megabytes each. */
export const PAYLOADS_AT_ONCE_MAX = 16;

const REFERENCE = /^sha256:[0-9a-f]{64}$/;
/** Whether it is one of ours; a foreign `dataref` is any URL. */
export const isReference = (text: string): boolean => REFERENCE.test(text);

export const referenceOf = (text: string): string => `sha256:${sha256(text)}`;

/** Keeps the texts; returns their references. */
export async function putPayloads(store: DocumentStore, texts: readonly string[]): Promise<readonly string[]> {
  const refs = texts.map(referenceOf);
  const unique = new Map(refs.map((id, i) => [id, texts[i] as string]));
  const writes = [...unique].map(([id, text]) => ({
    expectedVersion: 0,
    document: { id, version: 1, wakeAt: null, lane: null, body: { text } },
  }));
  for (const verdict of await inHalves(writes, (part) => store.save(PAYLOAD_COLLECTION, part))) {
    // Lost means that the same bytes are there already; unknown is not good enough.
    if (verdict instanceof Error) throw verdict;
    if (verdict === 'unknown')
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

/** Without counting bytes where the count of UTF-16 units decides. */
export const isLarger = (text: string, bytesMax: number): boolean =>
  text.length > bytesMax || (text.length > bytesMax / 3 && Buffer.byteLength(text) > bytesMax);

export const isLarge = (text: string): boolean => isLarger(text, DOCUMENT_BOUNDS.payload_bytes_max);
