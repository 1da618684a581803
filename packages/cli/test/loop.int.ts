/** The calls of a synthetic centre, and what the commands show of the loop that they set going. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastingPort } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseSummary } from '../src/commands/cases.ts';
import type { Chain } from '../src/commands/why.ts';
import { cleanUp, coachloop, json, Platform, start, temporaryFolder, until } from './harness/command.ts';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly cursor: string;
  readonly data: { readonly source?: string };
}

const folder = temporaryFolder();
let platform: Platform;
const AGENTS = 6;
const CALLS = 200;
const SIMULATE = ['simulate', '--agents', String(AGENTS), '--calls', String(CALLS), '--seed', '7'];
const simulate = (...more: string[]) =>
  json<{ calls: number; seconds: number; agents: number }>([...SIMULATE, ...more, '--url', platform.url]);
const digest = () => json<{ kinds: Record<string, { count: number }> }>(['digest', '--url', platform.url]);
const events = async (...args: string[]): Promise<readonly Event[]> => {
  const { code, stdout, stderr } = await coachloop(['events', ...args, '--url', platform.url]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
};

beforeAll(async () => {
  platform = await Platform.up(join(folder, 'data'), { port: await lastingPort() });
}, 60_000);
afterAll(cleanUp, 30_000);

describe('simulate', { timeout: 120_000 }, () => {
  it('sends the calls it was asked for, and writes what it knows', async () => {
    const truth = join(folder, 'truth.ndjson');
    expect(await simulate('--truth', truth)).toEqual({ calls: CALLS, agents: AGENTS, seconds: expect.any(Number) });
    const known = readFileSync(truth, 'utf8').trim().split('\n');
    expect(known.length).toBeGreaterThanOrEqual(CALLS);
    expect((await digest()).kinds.calls?.count).toBe(CALLS);
  });

  it('sends nothing new when it is run again with the same seed', async () => {
    const before = await digest();
    await simulate();
    expect(await digest()).toEqual(before);
  });

  it('keeps to its rate', async () => {
    const { seconds } = await json<{ seconds: number }>([
      'simulate',
      '--agents',
      '3',
      '--calls',
      '30',
      '--seed',
      '8',
      '--rate',
      '20/s',
      '--url',
      platform.url,
    ]);
    expect(seconds).toBeGreaterThan(1);
  });
});

describe('the loop', { timeout: 120_000 }, () => {
  it('is seen in cases, of all, of one stage, of one agent', async () => {
    await digest(); // waits until all is handled
    const all = await json<CaseSummary[]>(['cases', '--url', platform.url]);
    expect(all.length).toBeGreaterThan(0);
    const [first] = all;
    for (const agent of [first?.agentId ?? '', first?.agentKey ?? '']) {
      const own = await json<CaseSummary[]>(['cases', '--agent', agent, '--url', platform.url]);
      expect(own).toEqual(all.filter(({ agentId }) => agentId === first?.agentId));
    }
    const assigned = all.filter(({ stage }) => stage === 'assigned');
    expect(assigned.length).toBeGreaterThan(0);
    expect(await json(['cases', '--stage', 'assigned', '--url', platform.url])).toEqual(assigned);
    const { stdout, stderr } = await coachloop(['cases', '--limit', '1', '--url', platform.url]);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    if (all.length > 1) expect(stderr).toContain('--limit');
  });

  it('is told whole by why: calls, criteria, evidence, rule, course', async () => {
    const [first] = await json<CaseSummary[]>(['cases', '--url', platform.url]);
    const id = first?.caseId ?? '';
    const chain = await json<Chain>(['why', id, '--url', platform.url]);
    const { calls } = chain.case.trigger;
    expect(calls.length).toBeGreaterThan(0);
    for (const { callId, questions } of calls) {
      expect(questions.length).toBeGreaterThan(0);
      expect(chain.calls[callId]).toMatchObject({ callId });
      expect(chain.evaluations[callId]).toMatchObject({ callId });
    }
    expect(calls.map(({ callId }) => chain.evaluations[callId]?.form)).toContainEqual(chain.case.form);
    expect(calls.flatMap(({ questions }) => questions).some(({ evidence }) => evidence.length > 0)).toBe(true);
    const { stdout } = await coachloop(['why', id, '--url', platform.url]);
    const course = chain.case.assignments[0]?.course.title ?? '';
    for (const part of [
      chain.case.agentName ?? '',
      chain.case.competency,
      'Why: ',
      '✗ ',
      `Course 1: ${course}`,
      'Outcome: ',
    ])
      expect(stdout).toContain(part);
    const unknown = await coachloop(['why', '00000000-0000-5000-8000-000000000000', '--url', platform.url]);
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/No case.*NOT_FOUND/) });
  });
});

describe('events', { timeout: 120_000 }, () => {
  it('come from the beginning, by type, each id once, and go on after any of them', async () => {
    const completed = await events('--types', 'qa.evaluation.completed');
    const evaluations = (await digest()).kinds.evaluations?.count ?? 0;
    expect(completed.length).toBeGreaterThan(0);
    expect(completed.length).toBeLessThanOrEqual(evaluations);
    expect(new Set(completed.map(({ id }) => id)).size).toBe(completed.length);
    const all = await events('--types', 'qa.*,training.*');
    expect(all.filter(({ type }) => type === 'qa.evaluation.completed')).toHaveLength(completed.length);
    const middle = all[Math.floor(all.length / 2)];
    const rest = await events('--types', 'qa.*,training.*', '--from', middle?.cursor ?? '');
    const wanted = new Set(all.slice(all.indexOf(middle as Event) + 1).map(({ id }) => id));
    expect(new Set(rest.map(({ id }) => id))).toEqual(wanted);
    expect(await events('--from', 'now')).toEqual([]);
    expect((await events('--from', '2000-01-01')).length).toBeGreaterThan(all.length);
  });

  it('are followed over a kill and a restart of the platform: none is missed, no record of the log comes twice', async () => {
    const { port, directory } = platform;
    const follower = start(['events', '--types', 'call.completed', '--from', 'now', '--follow', '--url', platform.url]);
    let text = '';
    follower.stdout?.on('data', (chunk: string) => {
      text += chunk;
    });
    const seen = () =>
      text
        .split('\n')
        .slice(0, -1) // the last line may not be whole
        .map((line) => JSON.parse(line) as Event);
    // Nobody says when it has begun to follow: calls are sent until one of them comes by.
    const simulating = (calls: number, seed: number) =>
      json(['simulate', '--agents', '4', '--calls', String(calls), '--seed', String(seed), '--url', platform.url]);
    for (let seed = 1000; seen().length === 0; seed++) await simulating(1, seed);
    await platform.kill();
    platform = await Platform.up(directory, { port });
    await simulating(40, 9);
    await digest(); // waits until all is handled
    const sentSince = (found: readonly Event[]) =>
      new Set(found.filter(({ data }) => data.source?.endsWith(':9')).map(({ id }) => id));
    const wanted = sentSince(await events('--types', 'call.completed'));
    expect(wanted.size).toBeGreaterThan(30);
    await until(async () => sentSince(seen()).size >= wanted.size);
    expect(sentSince(seen())).toEqual(wanted);
    // By place, not by id: what was published when the platform was killed may stand in the log a second time.
    expect(new Set(seen().map(({ cursor }) => cursor)).size).toBe(seen().length);
    follower.kill('SIGINT');
  });
});

describe('rebuild', { timeout: 120_000 }, () => {
  it('builds the live figures anew, they are as before, and all is as promised also when it was stopped', async () => {
    const figures = async () => {
      const { generation, caseStages, outcomes, scores } =
        await platform.get<Record<string, unknown>>('/metrics/v1/snapshot');
      return { generation, sums: { caseStages, outcomes, all: (scores as { all: unknown }).all } };
    };
    await digest(); // waits until all is handled
    const before = await figures();
    const active = Number(before.generation) + 1;
    const rebuilt = await json(['rebuild', 'live-metrics', '--url', platform.url]);
    expect(rebuilt).toMatchObject({ state: 'idle', active, last: { generation: active } });
    const after = await until(async () => ((found) => found.generation === active && found)(await figures()));
    expect(after.sums).toEqual(before.sums);
    expect(await json(['verify', '--url', platform.url])).toMatchObject({ ok: true, violations: [] });
    await platform.stop();
    expect(await json(['verify', '--data', platform.directory])).toMatchObject({ ok: true, violations: [] });
  });
});
