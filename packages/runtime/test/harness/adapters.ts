/** The adapters that every suite runs on, and faults of theirs. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentStore } from '@coachloop/document-store';
import { openEmbeddedStore } from '@coachloop/document-store/embedded';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { Clock } from '../../src/index.ts';

export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
  close(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  open(clock: Clock): Promise<Adapters>;
}

export const memory: Kind = {
  name: 'memory',
  open: async (clock) => {
    const log = createMemoryLog({ clock });
    const store = createMemoryStore();
    return { log, store, close: () => log.close() };
  },
};

export const openFolder = async (directory: string, clock: { now(): number }): Promise<Adapters> => {
  const durability = 'process-crash'; // nobody cuts the power here
  const log = await openEmbeddedLog({ file: join(directory, 'log.sqlite'), clock, durability });
  const onFatal = (error: Error): never => {
    throw error;
  };
  const store = await openEmbeddedStore({ file: join(directory, 'store.sqlite'), durability, onFatal });
  const close = async () => {
    await log.close();
    await store.close();
  };
  return { log, store, close };
};

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'runtime-'));

export const embedded: Kind = {
  name: 'embedded',
  open: async (clock) => {
    const directory = newFolder();
    const adapters = await openFolder(directory, clock);
    const close = () => adapters.close().then(() => rm(directory, { recursive: true }));
    return { ...adapters, close };
  },
};

type Call = (...args: never[]) => Promise<unknown>;
/** Runs in place of a method; `real` is what it stands for. */
export type Fault = (method: string, real: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>;

/** The adapter with a fault in the way of each of its asynchronous calls; `scan` of a log is left alone. */
export const faulty = <T extends object>(target: T, fault: Fault): T =>
  new Proxy(target, {
    get: (_, method) => {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== 'function') return value;
      const bound: Call = value.bind(target);
      if (method === 'scan' && 'append' in target) return bound;
      return (...args: never[]) => fault(String(method), () => bound(...args), args);
    },
  });
