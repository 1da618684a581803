/** A platform whose log or store is away when it starts, and what it says meanwhile. */
import { StoreError } from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { LogError } from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { expect, test, vi } from 'vitest';
import { createLogger, defineService, Platform, systemClock } from '../src/index.ts';

/** A service without aggregates, on a log that fails as long as it is told to, and whose groups may be joined after `mayJoin`. */
async function listen(
  failure: { error: Error | null },
  mayJoin = Promise.resolve(),
  background?: Parameters<typeof defineService>[0]['background'],
  more: Partial<Parameters<typeof Platform.listen>[0]> = {},
) {
  const log = createMemoryLog({ clock: systemClock });
  const store = createMemoryStore();
  const failing = {
    ...log,
    consume: (...given: Parameters<typeof log.consume>) => mayJoin.then(() => log.consume(...given)),
    createTopics: async (specs: Parameters<typeof log.createTopics>[0]) => {
      if (failure.error) throw failure.error;
      await log.createTopics(specs);
    },
    watermarks: async (topics: readonly string[]) => {
      if (failure.error) throw failure.error;
      return log.watermarks(topics);
    },
    committed: log.committed.bind(log),
    topics: log.topics.bind(log),
    healthy: async () => failure.error === null,
    trouble: () => (failure.error instanceof LogError ? undefined : failure.error?.message),
    append: log.append.bind(log),
    offsetsAt: log.offsetsAt.bind(log),
    scan: log.scan.bind(log),
    resetOffsets: log.resetOffsets.bind(log),
    deleteGroup: log.deleteGroup.bind(log),
    retain: log.retain.bind(log),
    close: log.close.bind(log),
  };
  const service = defineService({
    ...(background ? { background } : {}),
    definition: { name: 'things', aggregates: [], consumes: {}, emits: [], offers: ['qa-events'] },
    routes: (app, { log: its }) =>
      void app.get('/things/v1', async () => ({ fine: true, topics: (await its.topics()).map(({ name }) => name) })),
  });
  const platform = await Platform.listen({
    services: [service],
    log: failing,
    store,
    clock: systemClock,
    host: '127.0.0.1',
    port: null,
    logger: createLogger('silent'),
    version: 'test',
    ...more,
  });
  const ask = async (url: string) => {
    const { statusCode, headers, body } = await platform.app.inject({ url, headers: { host: 'localhost' } });
    return { status: statusCode, retryAfter: headers['retry-after'], ...(JSON.parse(body) as object) };
  };
  return { platform, ask };
}

const away = () => new LogError('LOG_UNAVAILABLE', 'Reading the topics: connection refused');

test('waits, alive and not ready, says what for, and goes on by itself', async () => {
  const failure: { error: Error | null } = { error: away() };
  const { platform, ask } = await listen(failure);
  await vi.waitFor(async () =>
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      reasons: [expect.stringMatching(/^starting things: .*connection refused/), 'the event log does not answer'],
    }),
  );
  expect(await ask('/healthz')).toMatchObject({ status: 200, alive: true });
  expect(await ask('/things/v1')).toMatchObject({ status: 503, code: 'SERVICE_STARTING', retryAfter: '2' });
  failure.error = null;
  await platform.started;
  expect(await ask('/readyz')).toMatchObject({ status: 200, ready: true, reasons: [] });
  expect(await ask('/things/v1')).toMatchObject({ status: 200, fine: true });
  await platform.stop();
});

test('names all that does not answer, not only what it asked first', async () => {
  const logger = createLogger('silent');
  const warn = vi.spyOn(logger, 'warn');
  const store = { ...createMemoryStore(), healthy: async () => false };
  const servers = { 'event-log': 'Kafka', 'document-store': 'MongoDB' };
  const both = ['the event log (Kafka)', 'the document store (MongoDB)'];
  const { platform, ask } = await listen({ error: away() }, undefined, undefined, { store, servers, logger });
  expect(await ask('/readyz')).toMatchObject({
    reasons: [expect.stringMatching(/^starting things/), ...both.map((name) => `${name} does not answer`)],
  });
  const waiting = { service: 'things', err: expect.stringContaining('refused'), notAnswering: both };
  await vi.waitFor(() => expect(warn).toHaveBeenCalledWith(waiting, 'waiting to start'));
  await platform.stop();
});

test('of what cannot be looked at nothing is said while it starts, and once it has started', async () => {
  const logger = createLogger('silent');
  const said: unknown[] = [];
  logger.warn = (_: unknown, text?: string) => void said.push(text);
  const failure: { error: Error | null } = { error: new LogError('LOG_TOPIC_UNKNOWN', 'No topics qa-events') };
  const refused = await listen(failure, undefined, undefined, { logger, lagEveryMs: 5 });
  await expect(refused.platform.started).rejects.toBe(failure.error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await refused.platform.stop();
  expect(said).toEqual([]);

  failure.error = null;
  const { platform } = await listen(failure, undefined, undefined, { logger, lagEveryMs: 5 });
  await platform.started;
  failure.error = new Error('not for you');
  await vi.waitFor(() => expect(said).toEqual(['not known how far it is behind']));
  await platform.stop();
});

test('dead letters are listed while the log is away', async () => {
  const { platform, ask } = await listen({ error: away() });
  expect(await ask('/ops/v1/dead-letters')).toMatchObject({ status: 200, items: [] });
  expect(await ask('/ops/v1/dead-letters?id=some')).toMatchObject({ status: 200, items: [] });
  await platform.stop();
});

test('what a service does beside and comes after the stop is stopped', async () => {
  const { promise: made, resolve: make } = Promise.withResolvers<{ stop: () => Promise<void> }>();
  const begun = Promise.withResolvers<void>();
  const stop = vi.fn(async () => undefined);
  const background = () => {
    begun.resolve();
    return made;
  };
  const { platform } = await listen({ error: null }, Promise.resolve(), background);
  await begun.promise;
  await platform.stop();
  make({ stop });
  await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce());
});

test('what a service does beside and fails to stop is told, after everything else was stopped', async () => {
  const failed = new Error('it did not stop');
  const background = async () => ({ stop: () => Promise.reject(failed) });
  const { platform } = await listen({ error: null }, Promise.resolve(), background);
  await platform.started;
  const service = platform.running.get('things');
  if (service === undefined) throw new Error('no service');
  const stopped = [vi.spyOn(service, 'stop'), vi.spyOn(platform.app, 'close')];
  await expect(platform.stop()).rejects.toBe(failed);
  for (const stop of stopped) expect(stop).toHaveResolved();
});

test('takes requests before it has a place in its group, which a member that was killed may hold for a while', async () => {
  const { promise: mayJoin, resolve: join } = Promise.withResolvers<void>();
  const { platform, ask } = await listen({ error: null }, mayJoin);
  await vi.waitFor(async () =>
    expect(await ask('/things/v1')).toMatchObject({
      status: 200,
      fine: true,
      topics: expect.arrayContaining(['qa-events']),
    }),
  );
  expect(await ask('/readyz')).toMatchObject({
    status: 503,
    ready: false,
    reasons: ['things waits for its place in its group'],
  });
  join();
  await platform.started;
  expect(await ask('/readyz')).toMatchObject({ status: 200, ready: true });
  await platform.stop();
});

test('is not ready, and says why, when the log answers and consumers get nowhere', async () => {
  const failure: { error: Error | null } = { error: null };
  const { platform, ask } = await listen(failure);
  await platform.started;
  failure.error = new Error('group things could not be joined for 130 s: it crashed');
  expect(await ask('/readyz')).toMatchObject({ status: 503, ready: false, reasons: [failure.error.message] });
  await platform.stop();
});

test('is told to stop while it waits, and does', async () => {
  const { platform } = await listen({ error: away() });
  await platform.stop();
  await platform.started;
  expect(platform.waitsFor).toBe('stopping');
});

test.each([
  new LogError('LOG_TOPIC_UNKNOWN', 'The brokers have no topics qa-events'),
  new StoreError('STORE_INDEX_MISSING', 'Collection "calls" has not been made.'),
  new StoreError('STORE_ACCESS_DENIED', 'MongoDB: authentication failed.'),
])('does not wait for what waiting does not help against: $code', async (error) => {
  const { platform } = await listen({ error });
  await expect(platform.started).rejects.toBe(error);
  await platform.stop();
});
