/** One play in a thread of its own: what it needs travels as text, and the outcome as plain data. */
import { readPolicy as readReviews } from '@coachloop/evaluation';
import { DEFAULT_PHRASES, parseConfig, parsePhrases, type SimulatorConfig } from '@coachloop/simulator';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { type Played, type Progress, play } from './play.ts';

export interface Text {
  readonly name: string;
  readonly text: string;
}

export interface Task {
  readonly seed: number;
  readonly agents: number;
  readonly calls: number;
  readonly answers: 'scoring' | 'oracle';
  readonly weak: number;
  readonly config: Text | null;
  readonly phrases: Text | null;
  /** Paths. */
  readonly policy: string | null;
  readonly reviews: string | null;
}

/** @throws SimulatorError, TrainingConfigError, EvaluationConfigError where a file is wrong */
export function runTask(task: Task, onStep?: (progress: () => Progress) => void): Played {
  const { seed, agents, answers, calls } = task;
  const options = {
    ...{ seed, agents, answers, callsPerAgent: calls, config: configOf(task) },
    phrases: task.phrases === null ? DEFAULT_PHRASES : parsePhrases([task.phrases]),
    ...(task.policy === null ? {} : { triggers: readTriggers(task.policy) }),
    ...(task.reviews === null ? {} : { reviews: readReviews(task.reviews) }),
  };
  return play(options, onStep);
}

function configOf({ config, weak }: Task): SimulatorConfig {
  const given = parseConfig(config?.text ?? '', config?.name);
  return { ...given, agents: { ...given.agents, weakShare: weak } };
}
