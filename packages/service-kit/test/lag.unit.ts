/** What is told of lag where a process may not read all of it, as with a broker's access rules. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { type EventLog, LogError } from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { topicsOfService } from '@coachloop/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger, defineService, Platform, systemClock } from '../src/index.ts';
import { lagsOf } from '../src/lag.ts';

const services = ['open', 'shut'].map((name) => ({
  name,
  aggregates: [],
  consumes: { [`${name}-events`]: { to: () => [] } },
  emits: [],
}));
/** Groups and topics that may not be read. */
const denied = new Set<string>();
const said: string[] = [];
let log: EventLog;
let platform: Platform;

const check = (names: readonly string[]) => {
  const name = names.find((each) => denied.has(each));
  if (name !== undefined) throw new LogError('LOG_ACCESS_DENIED', `${name} is not for you`);
};

beforeEach(async () => {
  const inner = createMemoryLog({ clock: systemClock });
  log = new Proxy(inner, {
    get(target, key) {
      if (key === 'committed')
        return async (group: string, topics?: readonly string[]) => {
          check([group]);
          return target.committed(group, topics);
        };
      if (key === 'watermarks')
        return async (topics: readonly string[]) => {
          check(topics);
          return target.watermarks(topics);
        };
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const topics = services.flatMap(topicsOfService).map((name) => ({ name, partitions: 1 }));
  await log.createTopics(topics);
  await log.append(['open', 'shut'].map((name) => ({ topic: `${name}-events`, key: 'k', headers: {}, value: null })));
  const logger = createLogger('silent');
  logger.warn = (fields: { what?: string }) => void said.push(`${fields.what}: ${JSON.stringify(fields)}`);
  platform = await Platform.start({
    services: [defineService({ definition: { name: 'looker', aggregates: [], consumes: {}, emits: [] } })],
    installation: async () => services,
    log,
    store: createMemoryStore(),
    clock: systemClock,
    host: '127.0.0.1',
    port: null,
    logger,
    version: 'test',
    lagEveryMs: 5,
  });
});
afterEach(async () => {
  await platform.stop();
  denied.clear();
  said.splice(0);
});

const metrics = async () =>
  (await platform.app.inject({ url: '/ops/v1/metrics', headers: { host: 'localhost' } })).body;
const known = (group: string, isKnown: boolean) =>
  vi.waitFor(() => expect(platform.lag.known.get(group)).toBe(isKnown));

test.each(['shut', 'shut-events'])('without %s the others are known, and what is not is said once', async (name) => {
  await known('shut', true);
  expect([platform.lag.of('open'), platform.lag.of('shut'), said]).toEqual([1, 1, []]);
  denied.add(name);
  await known('shut', false);
  await log.append([{ topic: 'open-events', key: 'k', headers: {}, value: null }]);
  await vi.waitFor(() => expect(platform.lag.of('open')).toBe(2));
  expect(platform.lag.of('shut')).toBe(1); // as last known
  expect(await metrics()).toMatch(/coachloop_lag_unknown{group="open"} 0\ncoachloop_lag_unknown{group="shut"} 1\n/);
  expect(said).toEqual([expect.stringMatching(/^shut: .*LogError: shut.* is not for you/)]);
  await expect(lagsOf(log, services)).rejects.toMatchObject({ code: 'LOG_ACCESS_DENIED' });
  denied.clear();
  await known('shut', true);
  expect(said).toHaveLength(1);
});
