import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { applyChange, type Step, stepsOf } from '../lib/guide.ts';
import { listWorkspaces, root } from '../lib/workspaces.ts';
import { temporaryFolder } from './project.ts';

const guide = readFileSync(join(root, 'docs', 'adding-an-event.md'), 'utf8');
const LEFT_OUT = new Set([
  'node_modules',
  '.git',
  '.node',
  '.turbo',
  '.turbo-results',
  '.coachloop',
  'dist',
  'coverage',
]);

/** The project without what git ignores. Its dependencies are those of the original; its own packages are the copies. */
function copyOfProject(): string {
  const copy = temporaryFolder();
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(path.slice(dirname(path).length + 1)) });
  linkEntries(join(root, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, 'node_modules', '@coachloop'));
  for (const { name, folder } of listWorkspaces()) {
    symlinkSync(join(copy, folder), join(copy, 'node_modules', name), 'junction');
    const own = join(root, folder, 'node_modules');
    if (existsSync(own)) linkEntries(own, join(copy, folder, 'node_modules'));
  }
  return copy;
}

function linkEntries(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from))
    if (name !== '@coachloop' && name !== '.vite') symlinkSync(join(from, name), join(to, name), 'junction');
}

async function follow(step: Step, folder: string): Promise<void> {
  if (step.kind === 'change') {
    const file = join(folder, step.file);
    writeFileSync(file, applyChange(readFileSync(file, 'utf8'), step));
  } else if (step.kind === 'create') writeFileSync(join(folder, step.file), step.text, { flag: 'wx' });
  else await run(step.script, folder);
}

/** As a reader would type it. Says what it printed when it fails. */
async function run(script: string, cwd: string): Promise<void> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|COACHLOOP_|VITEST|TURBO)/i.test(name),
  );
  const env = Object.fromEntries(inherited);
  await promisify(execFile)('bash', ['-euc', script], { cwd, env }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${script}\nended with an error:\n${error.stdout.slice(-4_000)}\n${error.stderr.slice(-2_000)}`);
    },
  );
}

test('the guide to adding an event works as it is written', { timeout: 180_000 }, async () => {
  const folder = copyOfProject();
  const steps = stepsOf(guide);
  expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['change', 'create', 'run']));
  for (const step of steps) await follow(step, folder);
});

describe('a stale guide is noticed', () => {
  const change = { file: 'a.ts', lines: [' const a = 1;', '-const b = 2;', '+const b = 3;'] };

  test('a change finds its place and keeps the rest', () => {
    expect(applyChange('// x\nconst a = 1;\nconst b = 2;\n', change)).toBe('// x\nconst a = 1;\nconst b = 3;\n');
    expect(applyChange('const a = 1;\nconst b = 2;\nend\n', change)).toBe('const a = 1;\nconst b = 3;\nend\n');
  });

  test.each(['const a = 1;\nconst b = 4;\n', '', 'const a = 1;\nconst b = 2;\nconst a = 1;\nconst b = 2;\n'])(
    'lines that are not there once stop it: %j',
    (source) => {
      expect(() => applyChange(source, change)).toThrow(/a\.ts: these lines are there (not|more than once)/);
    },
  );

  test('a block that cannot be followed stops it', () => {
    expect(() => stepsOf('```ts\nconst a = 1;\n```\n')).toThrow('needs its path');
    expect(() => stepsOf('```diff\n+const a = 1;\n```\n')).toThrow('needs its --- and +++');
  });

  test('a command that fails stops it', async () => {
    await expect(run('echo seen; false', '.')).rejects.toThrow(/ended with an error:\nseen/);
  });
});
