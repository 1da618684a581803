/** Every service in the test's own process, on whichever adapters, with a clock that the test moves; and what is in them. */
import type { DocumentStore, StoredDocument } from '@coachloop/document-store';
import type { EventLog } from '@coachloop/event-log';
import { generationsIn } from '@coachloop/live-metrics';
import { digest, verify } from '@coachloop/runtime';
import { createLogger, digestReport, Platform, type PlatformOptions, systemClock } from '@coachloop/service-kit';
import { allServices } from '../../src/services.ts';

export interface Adapters {
  readonly log: EventLog;
  readonly store: DocumentStore;
}

export const CUSTOMER_KEY = 'a'.repeat(64);

/** Ahead of the machine's clock; the same for all installations of a test. */
export class AheadClock {
  aheadMs = 0;
  readonly wall = systemClock.wall;
  readonly sleep = systemClock.sleep;
  now(): number {
    return Date.now() + this.aheadMs;
  }
}

export const startPlatform = (
  { log, store }: Adapters,
  clock: AheadClock,
  era = '',
  more: Partial<PlatformOptions> = {},
): Promise<Platform> =>
  Platform.start({
    services: allServices({ customerKey: CUSTOMER_KEY, allowPrivateWebhooks: true }), // receivers of tests are on this machine
    log,
    store,
    clock,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
    version: 'test',
    era,
    ...more,
  });

export const servicesOf = async (store: DocumentStore) => [
  ...allServices({ customerKey: '' }).map(({ definition }) => definition),
  ...(await generationsIn(store)),
];

export const digestOf = async ({ store }: Adapters) =>
  digestReport(await digest({ services: await servicesOf(store), store })).kinds;

export const verifyAll = async ({ log, store }: Adapters, clock: AheadClock) =>
  verify({ services: await servicesOf(store), log, store, clock, live: false });

/** Every record of every topic, where it is and what it holds. */
export async function recordsOf(log: EventLog): Promise<ReadonlyMap<string, string>> {
  const topics = (await log.topics()).map(({ name }) => name);
  const found = new Map<string, string>();
  for await (const records of log.scan({ topics, from: 'start' }))
    for (const { topic, partition, offset, key, headers, value, timestampMs } of records) {
      const texts = Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')]);
      const content = JSON.stringify([key, texts, value && Buffer.from(value).toString('latin1'), timestampMs]);
      found.set(`${topic}/${partition}/${offset}`, content);
    }
  return found;
}

export async function documentsOf(store: DocumentStore, collection: string): Promise<readonly StoredDocument[]> {
  const all: StoredDocument[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await store.scan(collection, { limit: 200, ...(afterId === undefined ? {} : { afterId }) });
    all.push(...page);
    if (page.length < 200) return all;
  }
}
