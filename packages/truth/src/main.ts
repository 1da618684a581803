/** `npm run truth`: do the triggers find the right agents? */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readPolicy as readReviews } from '@coachloop/evaluation';
import { parseConfig, parsePhrases } from '@coachloop/simulator';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { measure } from './measure.ts';
import { type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { draw } from './picture.ts';
import { report, verdict } from './report.ts';
import type { Task, Text } from './task.ts';
import { playAll } from './threads.ts';

const MARKS = [10, 20, 40];
const CURVE_MAX = 40;

/** Relative paths belong to the folder in which the user stands. */
const userPath = (path: string): string => resolve(process.env.COACHLOOP_CWD ?? process.cwd(), path);

function textOf(option: string, path: string | undefined): Text | null {
  if (path === undefined) return null;
  const file = userPath(path);
  if (!existsSync(file)) throw new UsageError(`${option}: there is no file ${file}.`);
  return { name: path, text: readFileSync(file, 'utf8') };
}

function tasksOf(options: Options): Task[] {
  const { agents, calls, weak, seed, runs } = options;
  const config = textOf('--config', options.config);
  const phrases = textOf('--phrases', options.phrases);
  const pathOf = (path: string | undefined) => (path === undefined ? null : userPath(path));
  const [policy, reviews] = [pathOf(options.policy), pathOf(options.reviews)];
  // What is wrong with a file is said before anything is played.
  if (config) parseConfig(config.text, config.name);
  if (phrases) parsePhrases([phrases]);
  if (policy) readTriggers(policy);
  if (reviews) readReviews(reviews);
  return Array.from({ length: runs }, (_, i) => seed + i).flatMap((each) =>
    (['scoring', 'oracle'] as const).map((answers) => ({
      seed: each,
      agents,
      calls,
      answers,
      weak,
      config,
      phrases,
      policy,
      reviews,
    })),
  );
}

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  if (options.help) return console.log(USAGE);
  const tasks = tasksOf(options);
  const startedMs = performance.now();
  const played = await playAll(tasks, (done) =>
    process.stderr.write(`truth: ${done} of ${tasks.length} centres played\n`),
  );
  const of = (answers: Task['answers']) => played.filter((_, i) => tasks[i]?.answers === answers);
  const results = { scoring: measure(of('scoring'), MARKS), oracle: measure(of('oracle'), MARKS) };
  const calls = played.reduce((sum, one) => sum + one.calls, 0);
  const about = { ...options, playedCalls: calls, seconds: Math.round((performance.now() - startedMs) / 100) / 10 };
  if (options.svg !== undefined) {
    const points = Array.from({ length: CURVE_MAX - 2 }, (_, i) => i + 3);
    const title = `Cases opened against the truth: ${options.agents} agents, ${Math.round(options.weak * 100)} % of them weak, ${options.runs} centres`;
    writeFileSync(
      userPath(options.svg),
      draw({ title, scoring: measure(of('scoring'), points), oracle: measure(of('oracle'), points) }),
    );
  }
  if (options.json) return console.log(JSON.stringify({ options: about, ...results }));
  const seeds =
    options.runs === 1 ? `seed ${options.seed}` : `seeds ${options.seed} to ${options.seed + options.runs - 1}`;
  console.log(`${options.agents} agents, ${options.weak} of them weak, ${seeds}: ${calls} calls in ${about.seconds} s`);
  console.log(report(results));
  console.log(verdict(results));
}

const isOurs = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /_(INVALID|UNREADABLE)$/.test(error.code);

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !isOurs(error)) throw error;
  console.error(`truth: ${error.message}`);
  if (error instanceof UsageError) console.error('npm run truth -- --help tells what can be asked.');
  process.exitCode = 2;
}
