/** What is in the store at the end. */
import type { StoredDocument } from '@coachloop/document-store';
import type { World } from '../world.ts';

const PAGE = 1_000;

/** All documents of a collection. */
export async function allOf({ store }: World, collection: string): Promise<readonly StoredDocument[]> {
  const documents: StoredDocument[] = [];
  for (;;) {
    const afterId = documents.at(-1)?.id;
    const page = await store.engine.scan(collection, { limit: PAGE, ...(afterId === undefined ? {} : { afterId }) });
    if (page.length < PAGE) return documents.length === 0 ? page : [...documents, ...page];
    documents.push(...page);
  }
}
