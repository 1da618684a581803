/** What was found: of a platform that is quite broken the first of it is told, and all of it is counted. */
const KEPT_MAX = 50;

export class Findings {
  readonly kept: string[] = [];
  readonly #keptMax: number;
  count = 0;

  constructor(keptMax = KEPT_MAX) {
    this.#keptMax = keptMax;
  }

  add(what: string): void {
    this.count += 1;
    if (this.kept.length < this.#keptMax) this.kept.push(what);
  }

  /** Those of somebody else too. */
  addAll({ kept, count }: Findings): void {
    for (const what of kept) this.add(what);
    this.count += count - kept.length;
  }
}
