/** `--mutants`: that the drill bites. Each mistake of the list is built into every process, and the drill has to find it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Stopped } from '@coachloop/simulation/stop';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Bait {
  readonly mutant: string;
  readonly seed: number;
  readonly minutes: number;
  readonly rate: number;
  readonly agents?: number;
  /** As `--only`. */
  readonly only: string;
}

const SPILLED = `${'crash:live-metrics/saved:40,'.repeat(4)}read-again:live-metrics`;
const WOKEN = 'instance-added:live-metrics,freeze-at:live-metrics/loaded:4';
const KILLED = 'crash:qa-scoring/loaded:1,broker-killed,store-killed';
/** Time passes for a service that is down: what came due meanwhile is to be done. */
const LATER = `${'clock:notification,'.repeat(5)}hours-later:evaluation/committed:1,hours-later:evaluation/committed:1`;
/** Timer or backlog first is a race: several outages, many windows that close meanwhile, a death before the first batch. */
const BEHIND = 'hours-later:evaluation/loaded:1';
/** Of the simulation's list those that a short drill found on Kafka, each with the faults that brought it to light; docs/drill.md says what else was tried. */
export const FOUND_ON_KAFKA: readonly Bait[] = [
  { mutant: 'publishes-before-saving', seed: 1, minutes: 0.4, rate: 20, only: 'store-killed' },
  { mutant: 'answers-before-saving', seed: 1, minutes: 0.3, rate: 20, only: 'store-killed' },
  { mutant: 'outputs-kept-until-the-next-write', seed: 1, minutes: 0.25, rate: 20, only: 'crash:call-ingest/saved:10' },
  { mutant: 'older-outputs-not-carried', seed: 1, minutes: 0.25, rate: 20, only: 'crash:call-ingest/saved:10' },
  { mutant: 'no-version-guard', seed: 1, minutes: 0.24, rate: 20, only: 'freeze:training-assignment' },
  { mutant: 'publishes-lost-saves', seed: 1, minutes: 0.24, rate: 20, only: 'freeze:training-assignment' },
  { mutant: 'bulk-verdict-by-version', seed: 1, minutes: 0.24, rate: 20, only: 'freeze:training-assignment' },
  { mutant: 'projection-by-offset', seed: 1, minutes: 0.36, rate: 40, only: 'crash:qa-scoring/published' },
  { mutant: 'unknown-is-won', seed: 17_172, minutes: 0.36, rate: 10, only: KILLED },
  { mutant: 'acknowledged-before-sent', seed: 17_172, minutes: 0.36, rate: 10, only: KILLED },
  { mutant: 'commits-before-handling', seed: 183, minutes: 0.2, rate: 10, only: 'crash:qa-scoring/loaded:1' },
  { mutant: 'outbox-cleared-whole', seed: 552, minutes: 0.47, rate: 20, only: 'broker-killed,kill-one:call-ingest' },
  { mutant: 'evicts-without-spilling', seed: 1, minutes: 0.4, rate: 20, only: 'read-again:live-metrics' },
  { mutant: 'drops-before-spilling', seed: 19, minutes: 0.6, rate: 20, only: SPILLED },
  { mutant: 'looks-up-before-loading', seed: 69, minutes: 0.24, rate: 60, only: WOKEN },
  {
    mutant: 'spills-what-the-batch-touched',
    seed: 1,
    minutes: 0.24,
    rate: 25,
    agents: 400,
    only: 'service-down:live-metrics/spilled:1',
  },
  { mutant: 'timer-before-the-backlog', seed: 1, minutes: 0.36, rate: 30, agents: 60, only: BEHIND },
  { mutant: 'timer-dropped', seed: 221, minutes: 0.82, rate: 20, only: LATER },
  { mutant: 'timer-cleared-later', seed: 221, minutes: 0.82, rate: 20, only: LATER },
  { mutant: 'revision-ignored', seed: 1, minutes: 0.12, rate: 20, only: 'defect:qa-scoring' },
  { mutant: 'revision-ignored-at-customers', seed: 1, minutes: 0.12, rate: 20, only: 'defect:live-metrics' },
  { mutant: 'resolved-letter-reopened', seed: 33, minutes: 0.12, rate: 20, only: 'defect:qa-scoring' },
  {
    mutant: 'unknown-fields-dropped',
    seed: 4,
    minutes: 0.5,
    rate: 20,
    only: 'defect:qa-scoring,newer-release:qa-scoring',
  },
  // What strangers write, the clerk, and who is told of what bring these to light; any fault will do.
  { mutant: 'one-stream-over-topics', seed: 39, minutes: 0.25, rate: 20, only: 'clock:notification' },
  { mutant: 'one-stream-over-keys', seed: 1, minutes: 0.25, rate: 20, only: 'clock:notification' },
  { mutant: 'unreadable-skipped', seed: 1, minutes: 0.12, rate: 20, only: 'clock:notification' },
  { mutant: 'no-holes', seed: 1, minutes: 0.12, rate: 20, only: 'clock:notification' },
  { mutant: 'idempotency-key-ignored', seed: 1, minutes: 0.2, rate: 20, only: 'clock:notification' },
];
const FINDING_CHARS_MAX = 160;
const STDERR_CHARS_MAX = 2_000;
/** One that hangs finds nothing. */
const ONE_MS_MAX = 1_800_000;

/** Of what `--json` prints. */
export interface Told {
  readonly violations: readonly string[];
  readonly broken: { readonly code: string; readonly message: string } | null;
}

/** True: all of them were found. @throws Stopped */
export async function runMutants(say: (line: string) => void, stopped: Promise<never>): Promise<boolean> {
  const missed: string[] = [];
  for (const { mutant, ...how } of FOUND_ON_KAFKA) {
    const found = findingOf(await drilled([...wordsOf(how), '--mutant', mutant, '--json'], stopped));
    if (!found.isFind) missed.push(mutant);
    say(`${mutant.padEnd(36)}${found.words}`);
  }
  const count = FOUND_ON_KAFKA.length;
  say(
    `drill: ${count - missed.length} of ${count} mutants found${missed.length === 0 ? '' : `, not ${missed.join(', ')}`}`,
  );
  return missed.length === 0;
}

/**
 * A find is what the checks found. That a drill ended before them finds nothing, though it may be the mutant that ended a process; nor
 * does it that a short load did not reach every part of the loop.
 */
export function findingOf(told: Told | string): { readonly isFind: boolean; readonly words: string } {
  if (typeof told === 'string') return { isFind: false, words: `NOT FOUND, did not run: ${told}` };
  const { broken, violations } = told;
  if (broken) return { isFind: false, words: `NOT FOUND, ended before its checks: ${firstLine(broken.message)}` };
  const first = violations.find((each) => !each.startsWith('load:'));
  return first === undefined
    ? { isFind: false, words: 'NOT FOUND' }
    : { isFind: true, words: `found: ${firstLine(first)}` };
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, FINDING_CHARS_MAX) ?? '';

/** The words of its drill. */
export const wordsOf = ({ seed, minutes, rate, agents, only }: Omit<Bait, 'mutant'>): readonly string[] => [
  ...['--minutes', `${minutes}`, '--seed', `${seed}`, '--rate', `${rate}`, '--only', only],
  ...(agents === undefined ? [] : ['--agents', `${agents}`]),
];

/** A text: it ended without telling anything, and that is what it said. */
async function drilled(args: readonly string[], stopped: Promise<never>): Promise<Told | string> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-STDERR_CHARS_MAX);
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const bound = setTimeout(() => child.kill('SIGTERM'), ONE_MS_MAX);
  try {
    await Promise.race([closed, stopped]);
  } catch (error) {
    // It has processes and a mount of its own to clean up.
    if (error instanceof Stopped) child.kill('SIGTERM'); // whatever stopped us: SIGPIPE would be ignored
    await closed;
    throw error;
  } finally {
    clearTimeout(bound);
  }
  try {
    return JSON.parse(text) as Told;
  } catch {
    return said.trim();
  }
}
