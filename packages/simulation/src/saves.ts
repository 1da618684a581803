/** The last saves of each document, so that a violation can say what came before it. */
import type { Message } from '@coachloop/contracts';

export interface Save {
  /** Virtual ms. */
  readonly at: number;
  readonly version: number;
  /** What was handled in it; nothing: an output was acknowledged, or the like. */
  readonly handled: readonly Message[];
  /** Domain ms; null: not at all. */
  readonly wakeAt: number | null;
  readonly by: string;
}

const KEPT_MAX = 6;
/** Documents that are told of. */
const TOLD_MAX = 3;

export class Saves {
  readonly #kept = new Map<string, Save[]>();
  /** By document: as it was when a violation named it first. */
  readonly #told = new Map<string, readonly string[]>();

  saved(name: string, save: Save): void {
    const list = this.#kept.get(name);
    if (!list) this.#kept.set(name, [save]);
    else if (list.push(save) > KEPT_MAX) list.shift();
  }

  /** Keeps the saves so far of each document that a violation names, by collection and id or by its id alone. */
  tell(violation: string): void {
    const words = new Set(violation.split(/[\s,;]+|: /));
    for (const [name, list] of this.#kept) {
      if (this.#told.size >= TOLD_MAX) return;
      const id = name.slice(name.indexOf('/') + 1);
      if ((words.has(name) || words.has(id)) && !this.#told.has(name)) this.#told.set(name, list.map(lineOf));
    }
  }

  lines(): readonly string[] {
    return [...this.#told].flatMap(([name, lines]) => [`the last saves of ${name}:`, ...lines]);
  }
}

const lineOf = ({ at, version, handled, wakeAt, by }: Save): string => {
  const what = handled.map(({ kind, type, id }) => (kind === 'timer' ? 'its timer' : `${type} ${id}`)).join(', ');
  const wakes = wakeAt === null ? '' : `, to be woken at ${moment(wakeAt)}`;
  return `${virtualMs(at)} version ${version}: ${what || 'nothing new'}${wakes} (${by})`;
};

/** With its unit, so that the lines of a trace stand below each other. */
export const virtualMs = (ms: number): string => `${ms.toFixed(1).padStart(9)} ms`;

/** Domain ms, and what they are in words. */
export const moment = (ms: number | null): string =>
  ms === null ? 'no time' : `${ms} (${new Date(ms).toISOString()})`;
