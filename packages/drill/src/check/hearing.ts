/** What a subscriber has heard: which events, and whether those that came for the first time came in order. Repetitions are allowed. */
import { Findings } from '../findings.ts';

/** So that others have room beside it. */
const KEPT_MAX = 20;

export interface Heard {
  readonly id: string;
  readonly stream?: string;
  readonly seq?: string | number;
}

export class Hearing {
  readonly ids = new Set<string>();
  readonly findings = new Findings(KEPT_MAX);
  readonly #who: string;
  readonly #streams = new Map<string, number>();

  constructor(who: string) {
    this.#who = who;
  }

  hear({ id, stream = '', seq }: Heard): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const before = this.#streams.get(stream) ?? 0;
    if (Number(seq) <= before) this.findings.add(`${this.#who}: ${stream}#${seq} came after #${before}`);
    this.#streams.set(stream, Number(seq));
  }

  /** Against everything that was there to be heard of: all of that, and nothing else. */
  missed(wanted: ReadonlySet<string>): Findings {
    const found = new Findings(KEPT_MAX);
    found.addAll(this.findings);
    const missing = wanted.difference(this.ids).size;
    const more = this.ids.difference(wanted).size;
    if (missing > 0) found.add(`${this.#who}: ${missing} of ${wanted.size} events never came`);
    if (more > 0) found.add(`${this.#who}: ${more} events came that are not in the log`);
    return found;
  }
}
