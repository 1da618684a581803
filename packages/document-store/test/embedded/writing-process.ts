import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { COLLECTION, IDS } from './child-data.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** A process that writes to the store until it is killed or fails, and the versions that it said were won. */
export class WritingProcess {
  readonly won = new Map<string, number>();
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #lines = 0;
  #wake: () => void = () => {};

  /** `shellLimits` is put before the command in a shell, e.g. `ulimit -f 100;`. */
  constructor(file: string, shellLimits = '') {
    const command = `${shellLimits} exec "$0" "$@"`;
    this.#child = spawn('sh', ['-c', command, process.execPath, CHILD, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    let stderr = '';
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#note(line);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (exitCode) => {
        resolve({ exitCode, stderr });
        this.#wake();
      });
    });
  }

  /** Resolves when this many wins were printed. */
  async wins(count: number): Promise<void> {
    while (this.#lines < count && this.#child.exitCode === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    expect(this.#lines).toBeGreaterThanOrEqual(count);
  }

  kill(): Promise<Ended> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  #note(line: string): void {
    const [, id = '', version] = line.split(' ');
    this.won.set(id, Number(version));
    this.#lines++;
  }
}

/** Everything that was called won is there; at most the one save of each document that was under way is there as well. */
export async function expectWinsStored(file: string, won: ReadonlyMap<string, number>): Promise<void> {
  const store = await openEmbeddedStore({ file });
  await store.declare([COLLECTION]);
  const documents = await store.load(COLLECTION.name, IDS);
  for (const [i, document] of documents.entries()) {
    const version = won.get(IDS[i] ?? '') ?? 0;
    expect([version, version + 1]).toContain(document?.version ?? 0);
    expect(document?.body.version).toBe(document?.version);
  }
  const stored = documents.filter((document) => document !== undefined);
  expect(await store.count(COLLECTION.name, { index: 'by_version' })).toBe(stored.length);
  expect((await store.due(COLLECTION.name, Number.MAX_SAFE_INTEGER, 1_000)).length).toBe(stored.length);
  await store.close();
}
