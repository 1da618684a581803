/** kill -9 again and again, at each crash point, while calls come in and trainings are completed: as if nothing had been. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastingPort } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, doomedUp, json, Platform, temporaryFolder, until } from './harness/command.ts';
import { writeVcons } from './harness/samples.ts';

/** More than one request. */
const RECORDINGS = 220;
const CALLS = 120;
/** The first of these are the calls above. */
const CALLS_IN_ALL = 200;
const HOUR_MS = 3_600_000;
/** Recent: calls of last week would open no case. Fixed once, so that every run sends the same. */
const START = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 72 * HOUR_MS).toISOString();

const folder = temporaryFolder();
const recordings = join(folder, 'recordings');

const simulate = async (url: string, calls: number) =>
  expect(
    await json([
      ...['simulate', '--agents', '5', '--calls', String(calls), '--seed', '3', '--start', START],
      ...['--url', url],
    ]),
  ).toMatchObject({ calls });

/** What happens, one after the other, on the same data folder. */
const FEEDS = {
  import: async (url: string) =>
    expect(await json(['import', recordings, '--url', url])).toMatchObject({
      files: RECORDINGS,
      calls: RECORDINGS,
      rejected: [],
    }),
  simulate: (url: string) => simulate(url, CALLS),
  completions: (url: string) => completeAll(url),
  'later calls': (url: string) => simulate(url, CALLS_IN_ALL),
} as const;
type Feed = keyof typeof FEEDS;
const ORDER: readonly Feed[] = ['import', 'simulate', 'completions', 'later calls'];

/** Where it dies, in turn: at which pass is late enough to be in the middle, early enough to come. */
const KILLS: Readonly<Record<Feed, readonly string[]>> = {
  import: ['call-ingest/loaded:2', 'call-ingest/saved:2', 'qa-scoring/published:2', 'qa-scoring/committed:2'],
  simulate: ['qa-scoring/loaded:3', 'call-ingest/saved:3', 'training-assignment/published:2', 'qa-scoring/committed:2'],
  completions: ['training-assignment/saved:2', 'evaluation/published:1', 'notification/committed:1'],
  'later calls': ['evaluation/saved:3'],
};

interface Digest {
  readonly settled: boolean;
  readonly kinds: Readonly<Record<'calls' | 'evaluations' | 'cases', { readonly count: number }>>;
}

/** When all is handled; the command itself waits for a while only. */
const settled = (url: string) =>
  until(async () => {
    const found = await json<Digest>(['digest', '--url', url]);
    return found.settled && found;
  });

/** Asks until it is answered: the platform may be dead just now. */
const ask = <T>(url: string, init?: RequestInit): Promise<T> =>
  until(async () => {
    const response = await fetch(url, init).catch(() => null);
    return response?.ok && ((await response.json().catch(() => null)) as T | null);
  });

const ready = (url: string) => until(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok);

interface Case {
  readonly caseId: string;
  readonly assignments: readonly {
    readonly assignmentId: string;
    readonly assignedAt: string;
    readonly course: { readonly id: string };
  }[];
}

/** Every agent takes the course within an hour, so that later calls are looked at for its effect. */
async function completeAll(url: string): Promise<void> {
  const { items } = await ask<{ items: readonly Case[] }>(`${url}/training/v1/cases?stage=assigned&limit=100`);
  expect(items.length).toBeGreaterThan(0);
  for (const { caseId } of items) {
    const { assignments } = await ask<Case>(`${url}/training/v1/cases/${caseId}`);
    for (const { assignmentId, assignedAt, course } of assignments) {
      const completedAt = new Date(Date.parse(assignedAt) + HOUR_MS).toISOString();
      const done = { courseId: course.id, completedAt, passed: true, score: 80, sourceId: `done-${assignmentId}` };
      await ask(`${url}/training/v1/assignments/${assignmentId}/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(done),
      });
    }
  }
}

/** A command that begins in the very moment in which the platform is away believes that none runs: it is given once more. */
async function feedPatiently(feed: Feed, url: string): Promise<void> {
  for (;;) {
    await ready(url);
    try {
      await FEEDS[feed](url);
      return;
    } catch (error) {
      if (!String(error).includes('SERVER_UNREACHABLE')) throw error;
    }
  }
}

const undisturbed = new Map<Feed, Digest>();
beforeAll(async () => {
  mkdirSync(recordings);
  writeVcons(recordings, RECORDINGS);
  const platform = await Platform.up(join(folder, 'undisturbed'));
  for (const feed of ORDER) {
    await FEEDS[feed](platform.url);
    undisturbed.set(feed, await settled(platform.url));
  }
  await platform.stop();
}, 180_000);
afterAll(cleanUp, 30_000);

describe('kill -9', { timeout: 180_000 }, () => {
  it('has something to be compared with', () => {
    expect(undisturbed.get('later calls')?.kinds).toMatchObject({
      calls: { count: CALLS_IN_ALL + RECORDINGS },
      cases: { count: expect.any(Number) },
    });
    expect(undisturbed.get('simulate')?.kinds.evaluations.count).toBeGreaterThan(CALLS);
    expect(undisturbed.get('simulate')?.kinds.cases.count).toBeGreaterThan(0);
  });

  it.each(ORDER.map((feed) => [feed, KILLS[feed]] as const))(
    'in the middle of %s, at %j in turn, loses and doubles nothing',
    async (feed, points) => {
      const directory = join(folder, 'killed');
      const port = await lastingPort();
      const url = `http://127.0.0.1:${port}`;
      let fed: Promise<unknown> | undefined;
      for (const point of points) {
        const dying = doomedUp(directory, port, point);
        fed ??= feedPatiently(feed, url);
        fed.catch(() => undefined); // looked at below
        expect({ point, signal: await dying }).toEqual({ point, signal: 'SIGKILL' });
      }
      const platform = await Platform.up(directory, { port });
      await fed; // it waited for the platform each time, and went on
      const { calls, evaluations } = (await settled(url)).kinds;
      const whole = undisturbed.get(feed)?.kinds;
      expect({ calls, evaluations }).toEqual({ calls: whole?.calls, evaluations: whole?.evaluations });
      expect(await json(['verify', '--url', url])).toMatchObject({ ok: true, violations: [] });
      expect((await platform.stop()).code).toBe(0);
    },
  );
});
