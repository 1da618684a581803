/** A demo that is left alone must not fill the disk: nothing of it is ever removed, so its clock stops at a bound. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from './clock.ts';

export const DEMO_BYTES_MAX = 4 * 1024 ** 3;
const LOOK_EVERY_MS = 5_000;

export function bytesOf(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** @param onFull called once, when the bound is reached */
export function sizeGate(directory: string, onFull: () => void, bytesMax = DEMO_BYTES_MAX): Gate {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let full = false;
  return () => {
    if (!full && performance.now() - lookedAtMs >= LOOK_EVERY_MS) {
      lookedAtMs = performance.now();
      full = bytesOf(directory) >= bytesMax;
      if (full) onFull();
    }
    return !full;
  };
}
