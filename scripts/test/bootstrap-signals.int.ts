import { expect, test, vi } from 'vitest';
import { bootstrap, makeProject, type Project, start, startRegistry } from './project.ts';

const stopsCleanly = `
  process.on('SIGINT', () => { console.log('stopping'); process.exitCode = 7; clearInterval(busy); });
  const busy = setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;
const doesNotStop = `
  process.on('SIGINT', () => console.log('stopping'));
  setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;
const withoutHandler = `
  setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;

type Make = (program: string) => Promise<Project>;
const onThisNode: Make = async (program) => makeProject(program);
/** Here the command is a child of the bootstrap; it is a process of its own that must not be lost. */
const onFetchedNode: Make = async (program) => {
  const registry = await startRegistry();
  return makeProject(program, { registry: registry.url, nodeIntegrity: registry.integrity });
};

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

const pidIn = (stdout: string) => Number(/ready (\d+)/.exec(stdout)?.[1]);

for (const [where, make] of [
  ['in one process', onThisNode],
  ['under a fetched Node', onFetchedNode],
] as const) {
  test(`${where}, the first signal lets the command stop by itself`, async () => {
    const project = await make(stopsCleanly);
    const run = start(project, bootstrap(project));
    await run.printed('ready');
    run.kill('SIGINT');
    expect(await run.ended).toMatchObject({ code: 7, stdout: expect.stringContaining('stopping') });
  });

  test(`${where}, a later signal ends a command that does not stop`, async () => {
    const project = await make(doesNotStop);
    const run = start(project, bootstrap(project));
    const command = pidIn(await run.printed('ready'));
    run.kill('SIGINT');
    await run.printed('stopping');
    const again = setInterval(() => run.kill('SIGINT'), 50);
    const { code, signal } = await run.ended.finally(() => clearInterval(again));
    expect(code ?? signal).toSatisfy((end: unknown) => end === 137 || end === 'SIGKILL');
    await vi.waitFor(() => expect(isGone(command)).toBe(true));
  });

  test(`${where}, a command without a handler ends as the signal says`, async () => {
    const project = await make(withoutHandler);
    const run = start(project, bootstrap(project));
    await run.printed('ready');
    run.kill('SIGTERM');
    expect((await run.ended).code).toBe(143);
  });
}

test('a bootstrap that is killed leaves no command behind', async () => {
  const project = await onFetchedNode(withoutHandler);
  const run = start(project, bootstrap(project));
  const command = pidIn(await run.printed('ready'));
  expect(command).not.toBe(run.pid);
  run.kill('SIGKILL');
  await vi.waitFor(() => expect(isGone(command)).toBe(true));
});
