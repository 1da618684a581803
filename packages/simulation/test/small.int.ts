/** The simulation in small: every mistake of the list is found, and seeds that nobody has seen before hold. */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MUTANTS } from '../src/mutants/index.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Alone on two cores each takes less than a minute; a machine that is busy with other things may take long. */
const PATIENCE_MS = 1_200_000;

function simulate(...words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

test(
  'each mutant is found',
  async () => {
    const { code, said } = await simulate('--mutants', '--seeds', '1000');
    expect(said).toContain(`mutants: ${MUTANTS.length} of ${MUTANTS.length} found`);
    expect(said).toMatch(/^ {4}seed \d+: .{20,160}\n {4}to see it: npm run simulate -- --seed \d+ --mutant no-holes$/m);
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'whatever the seed, all invariants hold, and each kind of fault occurs',
  async () => {
    const from = String(1 + Math.floor(Math.random() * 1_000_000_000));
    const { code, said } = await simulate('--seeds', '300', '--from', from);
    expect(said).toContain('all invariants held');
    expect(said).not.toContain('never occurred');
    expect(said).toMatch(/^cases opened: .*consecutive-fails [1-9].*low-level [1-9].*low-moving-score [1-9]/m);
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'a failure is shown made smaller, and its one command shows it again',
  async () => {
    const { code, said } = await simulate('--mutant', 'no-holes', '--seeds', '20', '--jobs', '1');
    expect(code).toBe(1);
    expect(said).toContain('what happened before, made smaller:');
    const verdict = /^simulation: seeds 1 to 20: FAILED, (\d+) of \d+: ([\d, ]+)$/.exec(
      said.trimEnd().split('\n').at(-1) ?? '',
    );
    const failed = [...said.matchAll(/^seed (\d+) fails:$/gm)].map(([, seed]) => seed);
    expect(verdict?.slice(1)).toEqual([String(failed.length), failed.join(', ')]);
    const whole = 'not made smaller: only the first failure of each process is';
    expect(said.split(whole)).toHaveLength(failed.length);
    const command = /^again: npm run simulate -- (--seed .*)$/m.exec(said)?.[1] ?? '';
    const again = await simulate(...command.split(' '));
    expect(again.said).toContain('FAILED');
    expect(again.code).toBe(1);
  },
  PATIENCE_MS,
);

test(
  'what was saved before something went wrong is told, and each delay with whom it met',
  async () => {
    const { code, said } = await simulate('--seed', '3', '--mutant', 'timer-cleared-later');
    expect(code).toBe(1);
    expect(said).toMatch(/^the last saves of \S+\/\S+:\n( +[\d.]+ ms version \d+: .* \(\S+#\d+ save \d+ .*\)\n)+/m);
    expect(said).toMatch(/ its timer, to be woken at \d+ \(2026-\S+Z\) /);
    expect(said).toMatch(/ slow-call \S+#\d+ (load|save|reads) /);
    expect(said).not.toMatch(/ slow-call *$/m);
  },
  PATIENCE_MS,
);

test(
  'a process of the simulation that dies is no verdict, and is told in its place',
  async () => {
    const child = spawn(process.execPath, [MAIN, '--seeds', '100000', '--jobs', '2'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => child.on('close', resolve)); // and everything that it said has come
    process.kill(await childOf(child.pid as number), 'SIGKILL');
    expect(await ended).toBe(1);
    expect(said.trimEnd().split('\n').at(-1)).toBe(
      'simulation: seeds 1 to 100000: BROKE: A process of the simulation ended with SIGKILL.',
    );
  },
  PATIENCE_MS,
);

test(
  'who stops it is told how far it came, and how to go on',
  async () => {
    const { code, said, json } = await stopped('--seeds', '100000', '--from', '11', '--jobs', '2', '--json');
    expect(code).toBe(130);
    const outcome = JSON.parse(json);
    expect(outcome).toMatchObject({ ok: false, stopped: 'SIGINT', failures: [] });
    const { seeds, from, command } = outcome.rest;
    expect(from).toBeGreaterThan(11);
    expect(seeds + from).toBe(100_011);
    expect(command).toBe(`npm run simulate -- --seeds ${seeds} --from ${from}`);
    expect(said.trimEnd().split('\n').at(-1)).toBe(
      `simulation: seeds 11 to 100010: STOPPED after ${outcome.seeds} seeds, all invariants held so far; to go on: ${command}`,
    );
  },
  PATIENCE_MS,
);

/** By Ctrl-C, which comes twice and to its processes too, as soon as it has told that one would go on behind seed 11. */
async function stopped(...words: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [said, json, isStopped] = ['', '', false];
  child.stdout.on('data', (chunk) => {
    json += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
    if (isStopped || !/--from (?!11\b)\d+/.test(said)) return; // seed 12 may be through before 11
    isStopped = true;
    for (const pid of [-(child.pid as number), child.pid as number]) process.kill(pid, 'SIGINT');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, said, json };
}

test(
  'a seed that waits for what never comes is no success',
  async () => {
    const { code, said, told } = await simulateWith('new Promise(() => {})', '--seeds', '2', '--jobs', '1');
    expect(code).toBe(1);
    expect(said.trimEnd().split('\n').at(-1)).toBe(
      'simulation: seeds 1 to 2: BROKE: A process of the simulation ended with 1.',
    );
    expect(told).toContain('seed 1 waits for ever');
  },
  PATIENCE_MS,
);

test(
  'a mutant whose seed fails without it as well is not found',
  async () => {
    const result = `Promise.resolve({
      ...{ calls: 1, events: 1, faults: [], observations: [], rules: [] },
      violations: ['lost: whatever is built in'],
    })`;
    const { code, said } = await simulateWith(result, '--mutants', '--mutant', 'no-holes', '--seeds', '2');
    expect(said).toContain('and without it: lost: whatever is built in');
    expect(said.trimEnd().split('\n').at(-1)).toBe('mutants: FAILED: the seeds of no-holes fail without a mutant');
    expect(code).toBe(1);
  },
  PATIENCE_MS,
);

/** With that in place of what a seed comes to, in each of its processes. */
async function simulateWith(result: string, ...words: readonly string[]) {
  const preload = `import { registerHooks } from 'node:module';
    const source = ${JSON.stringify(`export const run = () => ${result};`)};
    const load = (url, context, next) =>
      url.endsWith('/simulation/src/run.ts') ? { format: 'module', shortCircuit: true, source } : next(url, context);
    registerHooks({ load });`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { ...process.env, NODE_OPTIONS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, told] = ['', ''];
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, said, told };
}

/** The first of its processes, as soon as there is one. */
async function childOf(pid: number): Promise<number> {
  for (;;) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const line = stdout.split('\n').find((each) => each.trim().split(/\s+/)[1] === String(pid));
    if (line) return Number(line.trim().split(/\s+/)[0]);
  }
}

test(
  '--json says on stdout what came of it, and nothing else',
  async () => {
    const { code, said } = await simulate('--seeds', '3', '--json');
    expect(JSON.parse(said)).toMatchObject({ ok: true, from: 1, seeds: 3, failures: [] });
    expect(code).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'words that mean nothing are told with those that do, and --help tells them unasked',
  async () => {
    expect((await simulate('--help')).said).toContain('--seeds N');
    expect(await simulate('--sedes', '3')).toEqual({ code: 2, said: '' });
  },
  PATIENCE_MS,
);
