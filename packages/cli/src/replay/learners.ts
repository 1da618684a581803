/**
 * The agents of a replay as learners: whoever has a course assigned begins and completes it after a while, by the platform's
 * clock. What they will do follows from the assignment's id, and what is open is asked for, so that a restart goes on.
 */
import { documentIdOf } from '@coachloop/contracts';
import type { Client } from '../client.ts';
import type { PlatformClock } from './clock.ts';

const MINUTE_MS = 60_000;
const START_AFTER_MINUTES = { min: 10, spread: 40 } as const;
const NOT_PASSED_PERCENT = 10;

interface Found {
  readonly caseId: string;
  readonly assignments: readonly {
    readonly assignmentId: string;
    readonly retake: number;
    readonly assignedAt: string;
    readonly startedAt: string | null;
    readonly course: { readonly id: string; readonly minutes: number };
  }[];
}

/** Looks at what is assigned or begun, and reports what is due by now. Repeating a report changes nothing. */
export async function learn(client: Client, clock: PlatformClock, signal: AbortSignal): Promise<number> {
  let completed = 0;
  for (const stage of ['assigned', 'in-training'])
    for await (const { caseId } of client.pages<{ caseId: string }>(`/training/v1/cases?stage=${stage}&limit=200`)) {
      if (signal.aborted) return completed;
      const found = await client.get<Found>(`/training/v1/cases/${caseId}`, signal);
      completed += await report(client, clock.now(), found, signal);
    }
  return completed;
}

async function report(client: Client, nowMs: number, { assignments }: Found, signal: AbortSignal): Promise<number> {
  const assignment = assignments.at(-1);
  if (!assignment) return 0;
  const { assignmentId, retake, course, assignedAt, startedAt } = assignment;
  const chance = chanceOf(assignmentId, retake);
  const beginMs =
    Date.parse(assignedAt) + (START_AFTER_MINUTES.min + chance('start') * START_AFTER_MINUTES.spread) * MINUTE_MS;
  const endMs = beginMs + course.minutes * MINUTE_MS;
  const path = `/training/v1/assignments/${assignmentId}`;
  const iso = (ms: number) => new Date(ms).toISOString();
  if (nowMs >= beginMs && startedAt === null)
    await client.post(
      `${path}/starts`,
      { startedAt: iso(beginMs), sourceId: `${assignmentId}-${retake}-start` },
      { signal },
    );
  if (nowMs < endMs) return 0;
  const passed = chance('pass') * 100 >= NOT_PASSED_PERCENT;
  const completion = {
    courseId: course.id,
    startedAt: iso(beginMs),
    completedAt: iso(endMs),
    passed,
    score: Math.round((passed ? 70 : 20) + chance('score') * 30),
    sourceId: `${assignmentId}-${retake}`,
  };
  await client.post(`${path}/completions`, completion, { signal });
  return 1;
}

/** From 0 to below 1, the same for the same assignment. */
const chanceOf = (assignmentId: string, retake: number) => (what: string) =>
  Number.parseInt(documentIdOf('replay-learner', assignmentId, retake, what).slice(0, 8), 16) / 2 ** 32;
