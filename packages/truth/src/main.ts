/** `npm run truth`: do the triggers find the right agents? */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readPolicy as readReviews } from '@coachloop/evaluation';
import { parseConfig, parsePhrases } from '@coachloop/simulator';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { measure } from './measure.ts';
import { exitCodeOf, isDefault, type Options, optionsOf, USAGE, UsageError } from './options.ts';
import { draw } from './picture.ts';
import type { Played } from './play.ts';
import { ProgressLines } from './progress.ts';
import { MARKS, type Results, report, verdictLine, verdictOf } from './report.ts';
import type { Task, Text } from './task.ts';
import { playAll } from './threads.ts';

/** Exit code for words and files that are wrong. */
const WRONG = 2;
const CURVE_MAX = Math.max(...MARKS);

/** Relative paths belong to the folder in which the user stands. */
const userPath = (path: string): string => resolve(process.env.COACHLOOP_CWD ?? process.cwd(), path);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Nothing but space, comments and marks of a document: as YAML it would count as the default. */
const isEmpty = (text: string): boolean => text.split('\n').every((line) => /^\s*(#.*|---|\.\.\.)?\s*$/.test(line));

function textOf(option: string, path: string | undefined): Text | null {
  if (path === undefined) return null;
  const file = userPath(path);
  if (!existsSync(file)) throw new UsageError(`${option}: there is no file ${file}.`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: ${file} can't be read: ${reasonOf(error)}`);
  }
  if (isEmpty(text)) throw new UsageError(`${option}: ${file} is empty; leave ${option} out for the default.`);
  return { name: path, text };
}

/** The path of a file that is there and holds something. */
const pathOf = (option: string, path: string | undefined): string | null =>
  textOf(option, path) === null || path === undefined ? null : userPath(path);

/** Words and files taken together: who is weak is said by either. */
type Settled = Options & { readonly weak: number };

function tasksOf(options: Settled, config: Text | null): Task[] {
  const { agents, calls, weak, seed, runs } = options;
  const phrases = textOf('--phrases', options.phrases);
  const [policy, reviews] = [pathOf('--policy', options.policy), pathOf('--reviews', options.reviews)];
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

/** Whether the picture can be written is tried before anything is played; access rights alone don't tell. */
function pictureFile(path: string | undefined): string | null {
  if (path === undefined) return null;
  const file = userPath(path);
  const folder = dirname(file);
  if (!existsSync(folder)) throw new UsageError(`--svg: there is no folder ${folder}.`);
  const wasThere = existsSync(file);
  try {
    closeSync(openSync(file, 'a'));
    if (!wasThere) rmSync(file);
  } catch (error) {
    throw new UsageError(`--svg: ${file} can't be written: ${reasonOf(error)}`);
  }
  return file;
}

/** What is in the way, or null. */
function faultOfWriting(file: string, text: string): string | null {
  try {
    writeFileSync(file, text);
    return null;
  } catch (error) {
    return `--svg: ${file} can't be written: ${reasonOf(error)}`;
  }
}

function pictureOf({ agents, weak, runs }: Settled, of: (answers: Task['answers']) => readonly Played[]): string {
  const points = Array.from({ length: CURVE_MAX - 2 }, (_, i) => i + 3);
  const title = `Cases opened against the truth: ${agents} agents, ${Math.round(weak * 100)} % of them weak, ${runs === 1 ? 'a centre' : `${runs} centres`}`;
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
  const verdict = verdictOf(results, isDefault(given));
  if (options.json)
    console.log(JSON.stringify({ options: { ...options, playedCalls: calls, seconds }, verdict, ...results }));
  else tell(options, results, calls, seconds);
  const fault = picture === null ? null : faultOfWriting(picture, pictureOf(options, of));
  if (fault !== null) console.error(`truth: ${fault}`);
  if (!options.json) console.log(verdictLine(verdict));
  return fault === null ? exitCodeOf(verdict) : WRONG;
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

/** Below its first line a YAML message shows the place; the line says where that is. */
const firstLineOf = (message: string): string => (message.split('\n')[0] ?? '').replace(/:$/, '');

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`truth: ${error.message}`);
    console.error('npm run truth -- --help tells what can be asked.');
  } else if (isOurs(error)) console.error(`truth: ${firstLineOf(error.message)} (${error.code})`);
  else throw error;
  process.exitCode = WRONG;
}
