/** kill -9 in the middle of an import and of a simulation, at each crash point: started again, all is as if nothing had been. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, freePort, json, Platform, temporaryFolder } from './harness/command.ts';
import { writeVcons } from './harness/samples.ts';

const CALLS = 150;
/** More than one request. */
const RECORDINGS = 220;
/** What is going on when it dies, where, and at which pass: late enough to be in the middle, early enough to come. */
const KILLS = [
  ['import', 'call-ingest/loaded:2'],
  ['simulate', 'call-ingest/saved:3'],
  ['import', 'qa-scoring/published:3'],
  ['simulate', 'qa-scoring/committed:3'],
] as const;

interface Digest {
  readonly settled: boolean;
  readonly kinds: Readonly<Record<string, { readonly count: number; readonly digest: string }>>;
}

const folder = temporaryFolder();
const recordings = join(folder, 'recordings');
let undisturbed: Digest;

const SIMULATION = ['--agents', '5', '--calls', String(CALLS), '--seed', '3', '--start', '2025-03-03T08:00:00Z'];
const feeds = {
  import: async (url: string) =>
    expect(await json(['import', recordings, '--url', url])).toMatchObject({
      files: RECORDINGS,
      calls: RECORDINGS,
      rejected: [],
    }),
  simulate: async (url: string) =>
    expect(await json(['simulate', ...SIMULATION, '--url', url])).toMatchObject({ calls: CALLS }),
};

const digest = (url: string) => json<Digest>(['digest', '--url', url]);

beforeAll(async () => {
  mkdirSync(recordings);
  writeVcons(recordings, RECORDINGS);
  const platform = await Platform.up(join(folder, 'undisturbed'));
  await feeds.import(platform.url);
  await feeds.simulate(platform.url);
  undisturbed = await digest(platform.url);
  await platform.stop();
}, 120_000);
afterAll(cleanUp, 30_000);

describe('kill -9', { timeout: 120_000 }, () => {
  it('has something to be compared with', () => {
    expect(undisturbed).toMatchObject({ settled: true, kinds: { calls: { count: CALLS + RECORDINGS } } });
    expect(undisturbed.kinds.evaluations?.count).toBeGreaterThan(CALLS);
  });

  it.each(KILLS)('in the middle of %s, at %s, loses and doubles nothing', async (during, point) => {
    const directory = join(folder, point.replaceAll(/\W/g, '-'));
    const port = await freePort();
    const first = await Platform.up(directory, { port, env: { COACHLOOP_CRASH_AT: point } });
    const fed = feeds[during](first.url);
    fed.catch(() => undefined); // looked at below
    expect((await first.end).code).toBeNull();
    expect(first.child.signalCode).toBe('SIGKILL');
    const second = await Platform.up(directory, { port });
    await fed; // it waited for the platform, and went on
    await feeds[during === 'import' ? 'simulate' : 'import'](second.url);
    const { calls, evaluations } = (await digest(second.url)).kinds;
    expect({ calls, evaluations }).toEqual({
      calls: undisturbed.kinds.calls,
      evaluations: undisturbed.kinds.evaluations,
    });
    expect(await json(['verify', '--url', second.url])).toMatchObject({ ok: true, violations: [] });
    expect((await second.stop()).code).toBe(0);
  });
});
