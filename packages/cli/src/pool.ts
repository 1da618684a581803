/** A few requests in flight at once; the first that fails stops the rest, at the next turn. */
export class Pool {
  readonly #max: number;
  readonly #flying = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(max: number) {
    this.#max = max;
  }

  /** Resolves when there is room for another one. Rejects with the error of the first that failed. */
  async add(work: () => Promise<unknown>): Promise<void> {
    this.#check();
    const flying: Promise<void> = work()
      .then(
        () => undefined,
        (error: unknown) => {
          this.#failure ??= { error };
        },
      )
      .finally(() => this.#flying.delete(flying));
    this.#flying.add(flying);
    if (this.#flying.size >= this.#max) await Promise.race(this.#flying);
    this.#check();
  }

  async drained(): Promise<void> {
    await Promise.all(this.#flying);
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
