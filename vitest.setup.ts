import { vi } from 'vitest';

/** Vitest's own default is one second, which is little on a busy machine, and it has no setting for it. */
const WAIT_MS_MAX = 30_000;

const { waitFor } = vi;
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { timeout: WAIT_MS_MAX, ...options });
