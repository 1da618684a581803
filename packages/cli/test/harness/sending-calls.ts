/** The guide to sending calls, followed literally: its `sh` blocks, run by one bash from the root of the project. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** What the commands below "Its score" print when it is there. */
export const SCORED = ['"passed":', 'qa.evaluation.completed', '/calls/'] as const;

export const guide = readFileSync(resolve(ROOT, 'docs/sending-calls.md'), 'utf8');

/** The `sh` blocks below a heading, in their order; '' for those before the first `##`. */
export function blocksOf(heading: string): readonly string[] {
  const section = guide.split(/^## /m).find((part) => part.startsWith(heading === '' ? '# ' : `${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code);
  if (blocks.length === 0) throw new Error(`docs/sending-calls.md has no commands below "${heading}"`);
  return blocks;
}

/** Again until it prints these texts, in this order: what was sent is handled soon, not at once. */
export const untilItPrints = (texts: readonly string[], block: string): string => `
until answer=$( ${block.trimEnd()}
) && case $answer in ${['', ...texts.map((text) => `'${text}'`), ''].join('*')}) true ;; *) false ;; esac; do sleep 0.3; done
printf '%s\\n' "$answer"
`;

const MARK = '--- end of a block ---';
const FOLLOW_MS_MAX = 100_000;

/** What each block printed. @throws Error, with stderr, when a command fails or it takes too long. */
export async function follow(blocks: readonly string[], env: Readonly<Record<string, string>>): Promise<string[]> {
  const script = blocks.map((block) => `${block}\necho '${MARK}'\n`).join('');
  const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: FOLLOW_MS_MAX };
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], options);
  return stdout.split(`${MARK}\n`).slice(0, -1);
}
