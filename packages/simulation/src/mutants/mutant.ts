/**
 * A mutant is a mistake that somebody could have made in the kernel, as a change of its source while it is loaded: the sources themselves
 * have no switches. A mutant whose place is no longer there, or is there twice, is an error and not a mutant that was found.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  readonly mistake: string;
  readonly edits: readonly Edit[];
}

const ROOT = new URL('../../../../', import.meta.url).href;

/** @throws Error where an edit does not fit the sources. */
export function applied(mutant: Mutant, file: string, source: string): string {
  let text = source;
  for (const { find, replace } of mutant.edits.filter((edit) => edit.file === file)) {
    const parts = text.split(find);
    if (parts.length !== 2)
      throw new Error(
        `The mutant ${mutant.name} does not fit ${file}: its place is there ${parts.length - 1} times:\n${find}`,
      );
    text = parts.join(replace);
  }
  return text;
}

/** Every edit tried on the sources as they are. @throws Error */
export function checkFits(mutant: Mutant): void {
  for (const file of new Set(mutant.edits.map((edit) => edit.file)))
    applied(mutant, file, readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8'));
}

/** From here on the mutated sources are loaded. Call it before anything imports them. */
export function install(mutant: Mutant): void {
  const files = new Map(mutant.edits.map(({ file }) => [ROOT + file, file]));
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const file = files.get(url);
      if (file === undefined) return loaded;
      return { ...loaded, source: applied(mutant, file, Buffer.from(loaded.source as Uint8Array).toString()) };
    },
  });
}
