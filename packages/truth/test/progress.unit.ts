import { expect, test } from 'vitest';
import { ProgressLines } from '../src/progress.ts';
import type { Task } from '../src/task.ts';
import { playAll } from '../src/threads.ts';

const task = (seed: number, answers: Task['answers']): Task => ({
  ...{ seed, answers, agents: 4, calls: 400, weak: 0.25 },
  ...{ config: null, phrases: null, policy: null, reviews: null },
});
const TASKS = [1, 2].flatMap((seed) => [task(seed, 'scoring'), task(seed, 'oracle')]);

test('the first line says how many centres there are and how often they are played', () => {
  const lines: string[] = [];
  const progress = new ProgressLines(TASKS, (line) => lines.push(line));
  expect(lines[0]).toMatch(/^truth: 2 centres, seeds 1 to 2, of 4 agents, .*: 4 plays$/);
  progress.told(0, { calls: 80, fewest: 400 }, true);
  progress.told(1, { calls: 7, fewest: 12 }, false);
  progress.told(2, { calls: 90, fewest: 400 }, true);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^truth: 1 of 4 plays done, 80 calls, \d+ a second$/),
    expect.stringMatching(
      /^truth: 2 of 4 plays done, 177 calls, \d+ a second; seed 1, oracle: 12 of 400 calls per agent$/,
    ),
  ]);
});

test('a play that lasts says how far it is before it is done', { timeout: 120_000 }, async () => {
  const fewest: number[] = [];
  const [played] = await playAll([{ ...task(1, 'scoring'), calls: 40 }], (_, progress, isDone) => {
    if (!isDone) fewest.push(progress.fewest);
  });
  expect(played?.calls).toBeGreaterThan(0);
  expect(fewest.length).toBeGreaterThan(0);
  expect(fewest).toEqual(fewest.toSorted((a, b) => a - b));
});
