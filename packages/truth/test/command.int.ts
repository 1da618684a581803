/** The command, as whoever runs it sees it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const POLICY = fileURLToPath(import.meta.resolve('@coachloop/training-assignment')).replace(
  'src/index.ts',
  'policies/default.v1.yaml',
);
/** So few agents that a policy which counts accuses most of them wrongly. */
const SMALL = ['--agents', '12', '--runs', '1', '--calls', '40', '--policy', POLICY];

const folder = mkdtempSync(join(tmpdir(), 'coachloop-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const truth = (...words: readonly string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

test('a policy of the user that misses the goal is an answer, and no failure; the picture is there', {
  timeout: 60_000,
}, async () => {
  const svg = join(folder, 'truth.svg');
  const { code, stdout, stderr } = await truth(...SMALL, '--svg', svg);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^12 agents, 0\.2 of them weak/);
  const [first, ...rest] = stderr.trimEnd().split('\n');
  expect(first).toMatch(/^truth: a centre, seed 1, of 12 agents, 0\.2 of them weak, 40 calls each, .*: 2 plays$/);
  expect(rest.at(-1)).toMatch(/^truth: 2 of 2 plays done, \d+ calls, \d+ a second$/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^truth: after 20 calls .* \(0\.8 for both is the goal of the default alone\)$/,
  );
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg/);
});

test('who is weak is said by the settings, and by --weak where it is given', { timeout: 60_000 }, async () => {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'agents: { weakShare: 0.5 }\n');
  const words = ['--agents', '4', '--runs', '1', '--calls', '40', '--config', config];
  expect((await truth(...words)).stdout).toMatch(/^4 agents, 0\.5 of them weak/);
  expect((await truth(...words, '--weak', '0.25')).stdout).toMatch(/^4 agents, 0\.25 of them weak/);
});

const fileWith = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const none = join(folder, 'none.yaml');
const empty = fileWith('empty.yaml', '# nothing yet\n---\n');
const broken = fileWith('broken.yaml', 'rules: [1\nb: 2\n');
const high = fileWith('high.yaml', 'agents: { weakLevel: { mean: 0.9, spread: 0.5 } }\n');

test.each([
  [['--config', folder], `truth: --config: ${folder} can't be read`],
  [['--config', empty], `truth: --config: ${empty} is empty; leave --config out for the default.`],
  [['--phrases', empty], `truth: --phrases: ${empty} is empty; leave --phrases out for the default.`],
  [['--policy', none], `truth: --policy: there is no file ${none}.`],
  [['--reviews', none], `truth: --reviews: there is no file ${none}.`],
  [['--policy', broken], `truth: ${broken}: `],
  [['--reviews', broken], `truth: ${broken}: `],
  [['--config', high], `truth: ${high}:1: /agents/weakLevel goes from 0.4 to 1.4; `],
  [['--calls', '39'], 'truth: --calls must be a whole number from 40'],
])('%j is refused in words, before anything is played', async (words, message) => {
  const { code, stdout, stderr } = await truth(...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const [fault, ...rest] = stderr.trimEnd().split('\n');
  expect(fault?.startsWith(message), stderr).toBe(true);
  // What a file is wrong about has a code; what a word is wrong about, a way to help.
  if (/_INVALID\)$/.test(fault ?? '')) expect(rest).toEqual([]);
  else expect(rest).toEqual(['npm run truth -- --help tells what can be asked.']);
});

test.each([
  [join(folder, 'none', 'truth.svg'), `truth: --svg: there is no folder ${join(folder, 'none')}.`],
  [folder, `truth: --svg: ${folder} can't be written: `],
  ['/proc/coachloop.svg', 'truth: --svg: '],
])('a picture that cannot be written is refused before anything is played: %s', async (file, message) => {
  const { code, stdout, stderr } = await truth('--svg', file);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(message), stderr).toBe(true);
});

test.skipIf(!existsSync('/dev/full'))(
  'a picture that fails as it is written is told in a line, and the verdict still comes last; where nobody is weak there is none',
  { timeout: 60_000 },
  async () => {
    const small = ['--agents', '2', '--weak', '0', '--runs', '1', '--calls', '40'];
    const { code, stdout, stderr } = await truth(...small, '--svg', '/dev/full');
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^truth: --svg: \/dev\/full can't be written: ENOSPC/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^truth: nobody is weak/);
  },
);
