import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findNpm } from '../bootstrap/npm.mjs';
import { bootstrap, makeProject, start, startRegistry, temporaryFolder } from './project.ts';

const report = `
  const answer: object = {
    args: process.argv.slice(2), cwd: process.env.COACHLOOP_CWD, node: process.versions.node,
    initCwd: process.env.INIT_CWD, firstOnPath: process.env.PATH?.split(':')[0],
  };
  console.log(JSON.stringify(answer));
  process.exitCode = 3;
`;

test('runs the command with its arguments, passes its exit code on and leaves stdout to it', async () => {
  const project = makeProject(report);
  const { code, stdout, stderr } = await start(project, bootstrap(project, 'import', '--json', 'a b')).ended;
  expect(JSON.parse(stdout)).toMatchObject({ args: ['import', '--json', 'a b'], cwd: project.folder });
  expect(stderr).toContain('node_modules is missing: installing');
  expect(code).toBe(3);
});

test('says nothing of its own on the second start', async () => {
  const project = makeProject(report);
  await start(project, bootstrap(project)).ended;
  const { stderr } = await start(project, bootstrap(project)).ended;
  expect(stderr).toBe('');
});

test('runs another file with --run', async () => {
  const project = makeProject('');
  const file = join(project.home, 'other.ts');
  writeFileSync(file, report);
  const { stdout } = await start(project, bootstrap(project, '--run', file, 'x')).ended;
  expect(JSON.parse(stdout).args).toEqual(['x']);
});

test('names the file that it cannot find', async () => {
  const project = makeProject('');
  const { code, stderr } = await start(project, bootstrap(project, '--run', '/no/such/file.ts')).ended;
  expect(stderr).toBe('coachloop: there is no file /no/such/file.ts to run\n');
  expect(code).toBe(1);
});

test('installs again when package-lock.json changed', async () => {
  const project = makeProject(report);
  await start(project, bootstrap(project)).ended;
  const lock = join(project.folder, 'package-lock.json');
  const manifest = join(project.folder, 'package.json');
  mkdirSync(join(project.folder, 'local'));
  writeFileSync(join(project.folder, 'local', 'package.json'), '{ "name": "local", "version": "1.0.0" }');
  writeFileSync(manifest, '{ "name": "project", "version": "1.0.0", "dependencies": { "local": "file:local" } }');
  const packages = {
    '': { name: 'project', version: '1.0.0', dependencies: { local: 'file:local' } },
    local: { version: '1.0.0' },
    'node_modules/local': { resolved: 'local', link: true },
  };
  writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), packages }));
  const { code, stderr } = await start(project, bootstrap(project)).ended;
  expect(stderr).toContain('package-lock.json changed');
  expect(code).toBe(3);
  expect(readFileSync(join(project.folder, 'node_modules', 'local', 'package.json'), 'utf8')).toContain('local');
});

test('the launcher works from any folder and through a link, and paths belong to that folder', async () => {
  const project = makeProject(report);
  const elsewhere = temporaryFolder();
  symlinkSync(join(project.folder, 'coachloop'), join(elsewhere, 'link'));
  for (const launcher of [join(project.folder, 'coachloop'), './link']) {
    const { stdout } = await start(project, [launcher, 'score', 'x.json'], { cwd: elsewhere }).ended;
    expect(JSON.parse(stdout)).toMatchObject({ args: ['score', 'x.json'], cwd: elsewhere });
  }
});

test('under npm run, paths belong to the folder where npm was called, and INIT_CWD goes no further', async () => {
  const project = makeProject(report);
  const below = join(project.folder, 'packages', 'cli');
  const npm = [process.execPath, findNpm(), 'run', '-s', 'coachloop', '--', '--no-demo', '--data', 'DIR'];
  const { stdout, code } = await start(project, npm, { cwd: below }).ended;
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ args: ['--no-demo', '--data', 'DIR'], cwd: below });
  expect(answer).not.toHaveProperty('initCwd');
  expect(code).toBe(3);
});

test('an INIT_CWD left by an npm further up does not move the user', async () => {
  const project = makeProject(report);
  const env = { INIT_CWD: '/', npm_lifecycle_script: 'vitest run' };
  const { stdout } = await start(project, bootstrap(project), { env }).ended;
  expect(JSON.parse(stdout).cwd).toBe(project.folder);
});

test('a Node that is too old fetches the pinned one from the registry of the user, once, and runs on it', async () => {
  const registry = await startRegistry();
  const project = makeProject(report, { registry: registry.url, nodeIntegrity: registry.integrity });
  const runs = [1, 2].map(() => start(project, bootstrap(project)).ended);
  for (const { code, stdout } of await Promise.all(runs)) {
    expect(JSON.parse(stdout).node).toBe('99.0.0');
    expect(code).toBe(3);
  }
  expect(registry.downloads()).toBe(1);
});

test('two who start at once install once, the other waits', async () => {
  const project = makeProject(report);
  const ended = await Promise.all([1, 2, 3].map(() => start(project, bootstrap(project)).ended));
  expect(ended.map(({ code }) => code)).toEqual([3, 3, 3]);
  expect(ended.filter(({ stderr }) => stderr.includes('installing'))).toHaveLength(1);
});

test('takes over from a start that died in the middle, even before it wrote who it is', async () => {
  const dead = start(makeProject(''), [process.execPath, '-e', '']);
  await dead.ended;
  for (const content of [String(dead.pid), '']) {
    const project = makeProject(report);
    const lock = join(project.folder, '.node', 'setup.lock');
    mkdirSync(join(project.folder, '.node'));
    writeFileSync(lock, content);
    utimesSync(lock, new Date(0), new Date(0));
    expect((await start(project, bootstrap(project)).ended).code).toBe(3);
  }
});

test('a fetched Node of another hash is refused and not kept', async () => {
  const registry = await startRegistry();
  const project = makeProject(report, { registry: registry.url, nodeIntegrity: 'sha512-other' });
  for (const attempt of [1, 2]) {
    const { code, stderr, stdout } = await start(project, bootstrap(project)).ended;
    expect(stderr, `attempt ${attempt}`).toContain('is not the one that is expected');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
});

test('without the registry it says what failed and what to do, without a stack trace', async () => {
  const project = makeProject(report, { nodeIntegrity: 'sha512-any' });
  const { code, stderr, stdout } = await start(project, bootstrap(project)).ended;
  expect(stderr).toContain('Node 99.0.0 could not be fetched');
  expect(stderr).toContain('npm ping');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('tools find this Node first on PATH', async () => {
  const project = makeProject(report);
  const { stdout } = await start(project, bootstrap(project), { env: { PATH: '/usr/bin:/bin' } }).ended;
  expect(JSON.parse(stdout).firstOnPath).toBe(dirname(process.execPath));
});
