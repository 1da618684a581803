/** `npm run truth`: do the triggers find the right agents? */
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readPolicy as readReviews } from '@coachloop/evaluation';
import { parseConfig, parsePhrases } from '@coachloop/simulator';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { measure } from './measure.ts';
import { exitCodeOf, type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { draw } from './picture.ts';
import type { Played } from './play.ts';
import { ProgressLines } from './progress.ts';
import { MARKS, type Results, report, verdictLine, verdictOf } from './report.ts';
import type { Task, Text } from './task.ts';
import { playAll } from './threads.ts';

const CURVE_MAX = Math.max(...MARKS);

/** Relative paths belong to the folder in which the user stands. */
const userPath = (path: string): string => resolve(process.env.COACHLOOP_CWD ?? process.cwd(), path);

function textOf(option: string, path: string | undefined): Text | null {
  if (path === undefined) return null;
  const file = userPath(path);
  if (!existsSync(file)) throw new UsageError(`${option}: there is no file ${file}.`);
  try {
    return { name: path, text: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new UsageError(`${option}: ${file} can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Words and files taken together: who is weak is said by either. */
type Settled = Options & { readonly weak: number };

function tasksOf(options: Settled, config: Text | null): Task[] {
  const { agents, calls, weak, seed, runs } = options;
  const phrases = textOf('--phrases', options.phrases);
  const pathOf = (path: string | undefined) => (path === undefined ? null : userPath(path));
  const [policy, reviews] = [pathOf(options.policy), pathOf(options.reviews)];
  // What is wrong with a file is said before anything is played.
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

/** Whether the picture can be written is asked before anything is played. */
function pictureFile(path: string | undefined): string | null {
  if (path === undefined) return null;
  const file = userPath(path);
  const folder = dirname(file);
  try {
    accessSync(folder, constants.W_OK);
    if (existsSync(file)) accessSync(file, constants.W_OK);
  } catch {
    throw new UsageError(`--svg: ${file} can't be written; is there a folder ${folder}, and is it yours?`);
  }
  if (!statSync(folder).isDirectory()) throw new UsageError(`--svg: ${folder} is no folder.`);
  if (existsSync(file) && statSync(file).isDirectory()) throw new UsageError(`--svg: ${file} is a folder.`);
  return file;
}

function pictureOf({ agents, weak, runs }: Settled, of: (answers: Task['answers']) => readonly Played[]): string {
  const points = Array.from({ length: CURVE_MAX - 2 }, (_, i) => i + 3);
  const title = `Cases opened against the truth: ${agents} agents, ${Math.round(weak * 100)} % of them weak, ${runs} centres`;
  return draw({ title, scoring: measure(of('scoring'), points), oracle: measure(of('oracle'), points) });
}

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const given = optionsOf(args);
  if (given.help) {
    console.log(USAGE);
    return 0;
  }
  const config = textOf('--config', given.config);
  const weak = given.weak ?? parseConfig(config?.text ?? '', config?.name).agents.weakShare;
  const options: Settled = { ...given, weak };
  const tasks = tasksOf(options, config);
  const picture = pictureFile(options.svg);
  const startedMs = performance.now();
  const progress = new ProgressLines(tasks, (line) => process.stderr.write(`${line}\n`));
  const played = await playAll(tasks, (...told) => progress.told(...told));
  const of = (answers: Task['answers']) => played.filter((_, i) => tasks[i]?.answers === answers);
  const results: Results = { scoring: measure(of('scoring'), MARKS), oracle: measure(of('oracle'), MARKS) };
  const calls = played.reduce((sum, one) => sum + one.calls, 0);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const verdict = verdictOf(results);
  if (options.json)
    console.log(JSON.stringify({ options: { ...options, playedCalls: calls, seconds }, verdict, ...results }));
  else tell(options, results, calls, seconds);
  if (picture !== null) writeFileSync(picture, pictureOf(options, of));
  if (!options.json) console.log(verdictLine(verdict));
  return exitCodeOf(verdict, options);
}

function tell({ agents, weak, seed, runs }: Settled, results: Results, calls: number, seconds: number): void {
  const seeds = runs === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + runs - 1}`;
  console.log(`${agents} agents, ${weak} of them weak, ${seeds}: ${calls} calls in ${seconds} s`);
  console.log(report(results));
}

const isOurs = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /_(INVALID|UNREADABLE)$/.test(error.code);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !isOurs(error)) throw error;
  console.error(`truth: ${error.message}`);
  if (error instanceof UsageError) console.error('npm run truth -- --help tells what can be asked.');
  process.exitCode = 2;
}
