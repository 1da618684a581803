import type { StoreError } from '../errors.ts';
import { toStoreError } from './sqlite-errors.ts';

/** The first error after which the store cannot go on, shared by its reading and its writing side. */
export class Failure {
  readonly #file: string;
  readonly #onFatal: ((error: StoreError) => void) | undefined;
  #error: StoreError | undefined;

  constructor(file: string, onFatal: ((error: StoreError) => void) | undefined) {
    this.#file = file;
    this.#onFatal = onFatal;
  }

  get error(): StoreError | undefined {
    return this.#error;
  }

  /** Throws what the store failed with, if it did. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  /** Takes note of what SQLite or a thread threw; errors of the caller's making pass through. */
  report(thrown: unknown): StoreError {
    const error = toStoreError(thrown, this.#file);
    if (error.kind !== 'fatal' || this.#error) return error;
    this.#error = error;
    this.#onFatal?.(error);
    return error;
  }
}
