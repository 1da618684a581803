/** One waiter, woken by whatever may have changed; the waiter looks again for itself, so spurious rings are harmless. */
export class Wakeup {
  #resolve: (() => void) | undefined;

  readonly ring = (): void => {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  };

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
