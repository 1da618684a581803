/**
 * The Dockerfile without Docker: each COPY and RUN as a plain command, in a folder per stage, and then the result, as another user, on files that
 * it cannot write to. `node infra/try-image.ts [--keep]`; as root on Linux. It shows that the steps are right, not that the base image has what they need.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const NOBODY = 65_534;
const say = (text: string) => process.stderr.write(`${text}\n`);

const lines = (file: string): readonly string[] =>
  readFileSync(join(ROOT, 'infra', file), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** What of the repository an engine would be sent: the files of git that .dockerignore lets through. */
function contextInto(folder: string): void {
  const patterns = lines('Dockerfile.dockerignore');
  const allowed = patterns.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const refused = patterns.flatMap((line) => /^\*\*\/([\w.-]+\*?|\*\.\w+)$/.exec(line)?.[1] ?? []);
  const isRefused = (name: string) =>
    refused.some((pattern) =>
      pattern.startsWith('*')
        ? name.endsWith(pattern.slice(1))
        : pattern.endsWith('*')
          ? name.startsWith(pattern.slice(0, -1))
          : name === pattern,
    );
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    const isIn = allowed.some((path) => file === path || file.startsWith(`${path}/`));
    if (isIn && !file.split('/').some(isRefused)) copy(join(ROOT, file), join(folder, file));
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

const scratch = mkdtempSync(join(tmpdir(), 'coachloop-image-'));
const context = join(scratch, 'context');
contextInto(context);
const env: NodeJS.ProcessEnv = { ...process.env };
const stages: string[] = [];
let workdir = '/';
const inStage = (path: string) => join(stages.at(-1) ?? '', path.startsWith('/') ? path : join(workdir, path));

for (const line of lines('Dockerfile')) {
  const [instruction = '', ...words] = line.split(/\s+/);
  const rest = line.slice(instruction.length).trim();
  if (instruction === 'FROM') {
    stages.push(join(scratch, words[2] ?? 'image'));
    mkdirSync(stages.at(-1) ?? '', { recursive: true });
  } else if (instruction === 'WORKDIR') {
    workdir = rest;
    mkdirSync(inStage('.'), { recursive: true });
  } else if (instruction === 'COPY') {
    const from = /^--from=(\w+) /.exec(rest)?.[1];
    const [source = '', target = ''] = words.slice(from === undefined ? 0 : 1);
    const found = from === undefined ? join(context, source) : join(scratch, from, source);
    const to = inStage(target);
    copy(found, target.endsWith('/') && source !== '.' ? join(to, basename(source)) : to);
  } else if (instruction === 'RUN') {
    // Paths of the image's root are those of the stage; there is no user `node` here.
    const command = rest
      .replaceAll(/(?<= )\/var\//g, `${stages.at(-1)}/var/`)
      .replace('chown node:node', `chown ${NOBODY}`);
    say(`RUN ${rest}`);
    execFileSync('sh', ['-c', command], { cwd: inStage('.'), stdio: ['ignore', 'inherit', 'inherit'] });
  } else if (instruction === 'ENV') {
    for (const pair of words) env[pair.split('=')[0] ?? ''] = pair.slice(pair.indexOf('=') + 1);
  }
}

const image = inStage('.');
say(
  `node_modules, packages, services and docs take ${execFileSync('du', ['-sm', image], { encoding: 'utf8' }).split('\t')[0]} MB, without Node itself`,
);
execFileSync('chmod', ['-R', 'a+rX,a-w', scratch]);
for (const args of [['--help'], ['config', 'qa-scoring'], ['score', '--help']]) {
  const options = { cwd: image, env: { ...env, HOME: '/nonexistent' }, uid: NOBODY, encoding: 'utf8' as const };
  const { status, stderr } = spawnSync(process.execPath, ['packages/cli/src/main.ts', ...args], options);
  say(`coachloop ${args.join(' ')}: ${status === 0 ? 'runs' : `fails\n${stderr}`}`);
  if (status !== 0) process.exitCode = 1;
}
if (!existsSync(join(image, 'services/console/dist/index.html'))) {
  say('the console has no page');
  process.exitCode = 1;
}
if (process.argv.includes('--keep')) say(`Kept in ${scratch}`);
else rmSync(scratch, { recursive: true, force: true });
