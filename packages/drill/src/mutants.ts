/** `--mutants`: that the drill bites. Each mistake of the list is built into every process, and the drill has to fail. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Of the simulation's list those that a short drill found on Kafka, each with the schedule that brought it to light; docs/drill.md says what else was tried. */
export const FOUND_ON_KAFKA: readonly { readonly mutant: string; readonly seed: number; readonly minutes: number }[] = [
  { mutant: 'unknown-is-won', seed: 17_172, minutes: 0.36 },
  { mutant: 'acknowledged-before-sent', seed: 17_172, minutes: 0.36 },
  { mutant: 'commits-before-handling', seed: 183, minutes: 0.2 },
];
const RATE = '10';
const FINDING_CHARS_MAX = 160;

interface Told {
  readonly violations: readonly string[];
}

/** True: all of them were found. */
export async function runMutants(say: (line: string) => void): Promise<boolean> {
  const missed: string[] = [];
  for (const { mutant, seed, minutes } of FOUND_ON_KAFKA) {
    const args = ['--minutes', `${minutes}`, '--seed', `${seed}`, '--rate', RATE, '--mutant', mutant, '--json'];
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
