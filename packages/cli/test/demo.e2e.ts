/** What somebody sees who types `npm start`: calls flow, and the first case closes within two minutes, under the policies in force. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CaseSummary } from '../src/commands/cases.ts';
import type { Chain } from '../src/commands/why.ts';
import { cleanUp, coachloop, json, Platform, temporaryFolder, until } from './harness/command.ts';

/** The promise, by the demo's clock: it waits for services that are behind, as on a machine that has other things to do. */
const FIRST_CASE_MS_MAX = 120_000;

afterAll(cleanUp, 30_000);

it('closes its first case within two minutes, as the policies in force say', { timeout: 300_000 }, async () => {
  const startMs = Date.now(); // there its clock begins
  const platform = await Platform.up(join(temporaryFolder(), 'demo'), { args: [] });
  const { demo, speed } = await platform.get<{ demo: boolean; speed: number }>('/demo/v1');
  expect({ demo, isFast: speed > 1 }).toEqual({ demo: true, isFast: true });
  const closed = await until(async () => {
    const { items } = await platform.get<{ items: CaseSummary[] }>('/training/v1/cases?stage=closed');
    return items.at(-1);
  });
  const [training, evaluation] = await Promise.all([
    platform.get<{ version: number }>('/training/v1/policy'),
    platform.get<{ version: number; calls: number }>('/evaluation/v1/policy'),
  ]);
  const { case: story } = await json<Chain>(['why', closed.caseId, '--url', platform.url]);
  expect((Date.parse(story.closedAt ?? '') - startMs) / speed).toBeLessThan(FIRST_CASE_MS_MAX);
  expect(story).toMatchObject({ stage: 'closed', trigger: { policyVersion: training.version } });
  const last = story.reEvaluations.at(-1);
  expect(last).toMatchObject({ after: { n: evaluation.calls } });
  const mark = last?.passMark ?? Number.POSITIVE_INFINITY;
  expect(last?.after?.mean).toBeGreaterThanOrEqual(mark);
  // Which case is the first is chance: of an agent who was weak, or of a good one who slipped.
  if (story.outcome === 'improved') expect(last?.interval80?.low ?? 0).toBeGreaterThan(0);
  else expect([story.outcome, last?.outcome, (last?.before.mean ?? 0) >= mark]).toEqual(['held', 'held', true]);
  for (const call of last?.after?.calls ?? [])
    expect(Date.parse(call.endedAt)).toBeGreaterThan(Date.parse(story.assignments.at(-1)?.completedAt ?? ''));
  const { stdout: told } = await coachloop(['why', closed.caseId, '--url', platform.url]);
  const shown = story.reEvaluations.flatMap(({ before, after }) => [...before.calls, ...(after?.calls ?? [])]);
  expect(shown.length).toBeGreaterThan(evaluation.calls);
  for (const { callId } of shown) expect(told).toContain(callId);
  expect(await json(['verify', '--url', platform.url])).toMatchObject({ ok: true, violations: [] });
  expect((await platform.stop()).code).toBe(0);
});
