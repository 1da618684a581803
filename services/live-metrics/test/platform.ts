/** The service in a real platform: real kernel, real HTTP, adapters in memory or on a folder, a clock that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentStore } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog } from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { Clock } from '@coachloop/runtime';
import { TestClock } from '@coachloop/runtime/testing';
import { createLogger, Platform } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { type LiveMetricsOptions, liveMetrics } from '../src/index.ts';
import { type Given, recordOf, T0 } from './given.ts';

export const inMemory = async (clock: Clock) => ({ log: createMemoryLog({ clock }), store: createMemoryStore() });

/** On a folder of its own, which goes with it. */
export async function embedded(clock: Clock) {
  const directory = mkdtempSync(join(tmpdir(), 'live-metrics-'));
  const { log, store, close } = await openEmbedded({
    directory,
    clock,
    durability: 'process-crash',
    onFatal: (error) => {
      throw error;
    },
  });
  return {
    log,
    store,
    close: async () => {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
}

type Open = (clock: Clock) => Promise<{ log: EventLog; store: DocumentStore; close?: () => Promise<void> }>;

export async function startPlatform(options: LiveMetricsOptions = {}, openAdapters: Open = inMemory) {
  const clock = new TestClock(T0);
  const { log, store, close } = await openAdapters(clock);
  const open = () =>
    Platform.start({
      services: [liveMetrics(options)],
      log,
      store,
      clock,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('silent'),
      version: '0',
    });
  let platform = await open();
  let n = 0;
  return {
    clock,
    log,
    store,
    get platform() {
      return platform;
    },
    publish: async (...events: Given[]) => {
      const first = n;
      n += events.length;
      const records = events.map((event, i) => recordOf(event, first + i + 1));
      for (let at = 0; at < records.length; at += 1_000) await log.append(records.slice(at, at + 1_000));
    },
    get: async (url: string) => {
      const reply = await platform.app.inject({ method: 'GET', url });
      return { status: reply.statusCode, body: reply.json(), headers: reply.headers };
    },
    restart: async () => {
      await platform.stop();
      platform = await open();
    },
    stop: async () => {
      await platform.stop();
      await close?.();
    },
  };
}
