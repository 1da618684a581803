/** `--mutants`: that the drill bites. Each mistake of the list is built into every process, and the drill has to fail. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Options } from './options.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Of the simulation's list those that a drill of a minute finds on Kafka; docs/drill.md says of which others that was tried. */
export const FOUND_ON_KAFKA = [
  'one-stream-over-topics',
  'no-version-guard',
  'publishes-before-saving',
  'outputs-kept-until-the-next-write',
  'acknowledged-before-sent',
  'commits-before-handling',
  'projection-by-offset',
] as const;

const FINDING_CHARS_MAX = 160;

interface Told {
  readonly violations: readonly string[];
}

/** True: all of them were found. */
export async function runMutants({ minutes, seed, rate }: Options, say: (line: string) => void): Promise<boolean> {
  const missed: string[] = [];
  for (const mutant of FOUND_ON_KAFKA) {
    const args = ['--minutes', minutes, '--seed', seed, '--rate', rate, '--mutant', mutant, '--json'].map(String);
    const told = await drilled(args);
    // That a short load did not reach every part of the loop is no mistake of the platform.
    const [first] = told.violations.filter((each) => !each.startsWith('load:'));
    if (first === undefined) missed.push(mutant);
    const finding = first === undefined ? 'NOT FOUND' : `found: ${first.split('\n')[0]?.slice(0, FINDING_CHARS_MAX)}`;
    say(`${mutant.padEnd(36)}${finding}`);
  }
  const count = FOUND_ON_KAFKA.length;
  say(
    `drill: ${count - missed.length} of ${count} mutants found${missed.length === 0 ? '' : `, not ${missed.join(', ')}`}`,
  );
  return missed.length === 0;
}

async function drilled(args: readonly string[]): Promise<Told> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  // A drill that ended before it could tell has broken down itself: that finds nothing.
  return JSON.parse(text) as Told;
}
