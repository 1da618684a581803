/** Figures of a service for Prometheus: what cannot be read in time is left out, and the rest is told. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { afterEach, expect, test } from 'vitest';
import { createLogger, defineService, Platform, type ServiceGauge, systemClock } from '../src/index.ts';

/** Whoever waits for two seconds has waited long enough. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms === 2_000 ? 20 : ms, signal),
};
const open: Platform[] = [];
afterEach(() => Promise.all(open.splice(0).map((platform) => platform.stop())));

const gauge = (name: string, read: ServiceGauge['read']): ServiceGauge => ({
  name,
  help: `The ${name}.`,
  labelNames: ['of'],
  read,
});

async function told(...gauges: ServiceGauge[]): Promise<() => Promise<string>> {
  const definition = { name: 'things', aggregates: [], consumes: {}, emits: [] };
  const platform = await Platform.start({
    ...{
      services: [defineService({ definition, gauges })],
      log: createMemoryLog({ clock }),
      store: createMemoryStore(),
    },
    ...{ clock, host: '127.0.0.1', port: null, logger: createLogger('silent'), version: 'test' },
  });
  open.push(platform);
  return async () => {
    const answer = platform.app.inject({ url: '/ops/v1/metrics', headers: { host: 'localhost' } });
    return (await answer).body.replaceAll(/^(?!things_).*\n/gm, '');
  };
}

test('what was there before and is no more is not told any longer', async () => {
  let values = [1, 2];
  const tell = await told(
    gauge('things_n', async () => values.map((value) => ({ labels: { of: `${value}` }, value }))),
  );
  expect(await tell()).toBe('things_n{of="1"} 1\nthings_n{of="2"} 2\n');
  values = [2];
  expect(await tell()).toBe('things_n{of="2"} 2\n');
});

test('what fails and what takes too long is left out, and the rest is told', async () => {
  const there = async () => [{ labels: { of: 'a' }, value: 7 }];
  const tell = await told(
    gauge('things_away', () => Promise.reject(new Error('away'))),
    gauge('things_slow', () => new Promise(() => undefined)),
    gauge('things_there', there),
  );
  expect(await tell()).toBe('things_there{of="a"} 7\n');
});
