import type { CollectionSpec } from '../../src/index.ts';

/** What the writing child and the tests that read after it share. */
export const COLLECTION: CollectionSpec = { name: 'crash', indexes: [{ name: 'by_version', fields: ['version'] }] };
export const PER_SAVE = 5;
export const IDS: readonly string[] = Array.from({ length: 8 * PER_SAVE }, (_, i) => `d${i}`);
