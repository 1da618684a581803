import type { StoredDocument } from '../port.ts';

/**
 * Documents as they were last seen, so that what is written again and again is not read and parsed each time. Right because one process
 * owns the file and all of its writes pass here. The longest unused go first; bounded by characters of JSON, since that is what is known.
 */
export class RecentDocuments {
  readonly #charactersMax: number;
  /** By collection and id, longest unused first. */
  readonly #entries = new Map<string, { readonly document: StoredDocument; readonly characters: number }>();
  #characters = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  get(collection: string, id: string): StoredDocument | undefined {
    const name = nameOf(collection, id);
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.document;
  }

  /** Never back: of two that are told in whatever order, the later version stays. */
  put(collection: string, document: StoredDocument, characters: number): void {
    const name = nameOf(collection, document.id);
    const known = this.#entries.get(name);
    if (known && known.document.version > document.version) return;
    this.#remove(name);
    this.#entries.set(name, { document, characters });
    this.#characters += characters;
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= this.#charactersMax) break;
      this.#remove(oldest);
    }
  }

  forget(collection: string, id: string): void {
    this.#remove(nameOf(collection, id));
  }

  #remove(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    this.#characters -= entry.characters;
  }
}

/** Names of collections have no slash. */
const nameOf = (collection: string, id: string): string => `${collection}/${id}`;
