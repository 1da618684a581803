/**
 * A small file system of its own, so that a disk can be full: an ext4 image, mounted through a loop device. It needs the right to mount
 * (root, Linux); where that is missing the fault is not run, and the drill says why.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Whoever had it open is being ended. */
const UNMOUNT_MS_MAX = 15_000;
const UNMOUNT_AGAIN_MS = 250;
const FILL_ATTEMPTS = 8;
/** What the file system needs for itself to describe so large a file, and what others write at that moment. */
const FILL_SLACK_BYTES = 512 * 1_024;
const SIZE_BYTES = 16 * 1024 ** 3; // sparse: it takes what is written

export class SmallDisk {
  readonly directory: string;
  readonly #balloon: string;
  readonly #image: string;
  #unmounted: Promise<void> | null = null;

  private constructor(root: string) {
    this.directory = join(root, 'disk');
    this.#image = join(root, 'disk.img');
    this.#balloon = join(this.directory, 'balloon');
  }

  /** A text: why there is none. */
  static async mounted(root: string): Promise<SmallDisk | string> {
    if (process.platform !== 'linux') return `only on Linux, not on ${process.platform}`;
    if (process.getuid?.() !== 0) return 'mounting a small file system needs root';
    const disk = new SmallDisk(root);
    try {
      mkdirSync(disk.directory, { recursive: true });
      writeFileSync(disk.#image, '');
      truncateSync(disk.#image, SIZE_BYTES);
      await run('mkfs.ext4', ['-q', '-m', '0', disk.#image]);
      await run('mount', ['-o', 'loop', disk.#image, disk.directory]);
      return disk;
    } catch (error) {
      rmSync(disk.#image, { force: true });
      return `no loop mount here: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`;
    }
  }

  /** Leaves so much of it free, or less: it is being written to meanwhile. */
  async fill(freeBytes: number): Promise<void> {
    let failed: unknown;
    for (let attempt = 1; attempt <= FILL_ATTEMPTS; attempt += 1) {
      if (this.#unmounted) throw new Error('The small disk is gone.');
      this.empty();
      const { bavail, bsize } = statfsSync(this.directory);
      const bytes = bavail * bsize - freeBytes - (attempt - 1) * FILL_SLACK_BYTES;
      try {
        await run('fallocate', ['-l', String(Math.max(bsize, bytes)), this.#balloon]);
        return;
      } catch (error) {
        failed = error;
      }
    }
    throw failed;
  }

  empty(): void {
    rmSync(this.#balloon, { force: true });
  }

  /** Once, whoever asks: the end of a drill and a signal may meet. */
  unmount(): Promise<void> {
    this.#unmounted ??= this.#unmount();
    return this.#unmounted;
  }

  async #unmount(): Promise<void> {
    this.empty();
    for (const untilMs = performance.now() + UNMOUNT_MS_MAX; ; await setTimeout(UNMOUNT_AGAIN_MS)) {
      const failed = await run('umount', [this.directory]).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed === null) break;
      if (performance.now() > untilMs) throw failed;
    }
    rmSync(this.#image, { force: true });
  }
}
