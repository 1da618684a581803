/** The real thing: kill -9 of a process on the embedded adapters at each named point, again and again, then a run to the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CRASH_POINTS, digest, verify } from '../src/index.ts';
import { TestClock } from '../src/testing.ts';
import { newFolder, openFolder } from './harness/adapters.ts';
import { AGENT, agentsService, callsService } from './harness/services.ts';
import { foreign, NOW, World } from './harness/world.ts';

const CHILD = fileURLToPath(new URL('children/run.ts', import.meta.url));
const SERVICES = [callsService(), agentsService()];
const CALLS = 7;
const NOTES = Array.from({ length: 210 }, (_, i) => `${i % CALLS}/${i}`);

async function run(directory: string, crashAt?: string): Promise<NodeJS.Signals | number> {
  const env = { ...process.env, ...(crashAt === undefined ? {} : { COACHLOOP_CRASH_AT: crashAt }) };
  const child = spawn(process.execPath, [CHILD, directory], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? -1;
}

async function inside<T>(directory: string, action: (world: World) => Promise<T>): Promise<T> {
  const clock = new TestClock(NOW);
  const adapters = await openFolder(directory, clock);
  try {
    return await action(new World(clock, adapters));
  } finally {
    await adapters.close();
  }
}

const send = (directory: string, notes: readonly string[]) =>
  inside(directory, (world) =>
    world.send(
      ...notes.map((note) => foreign(note, { callId: `c${note.split('/')[0]}`, note, outputs: 2, pad: 2_000 })),
    ),
  );

/** Nothing lost, doubled or out of order; returns the digest. */
const check = (directory: string) =>
  inside(directory, async (world) => {
    const { log, store, clock } = world;
    const found = await verify({ services: SERVICES, log, store, clock, live: false });
    expect(found).toMatchObject({ ok: true, violations: [] });
    for (let call = 0; call < CALLS; call += 1)
      expect(await world.notes(`c${call}`)).toEqual(NOTES.filter((note) => note.startsWith(`${call}/`)));
    expect((await world.heard(AGENT)).toSorted()).toEqual(NOTES.flatMap((note) => [note, `${note}.1`]).toSorted());
    return digest({ services: SERVICES, store });
  });

describe('a process that is killed', () => {
  it('at each named point of either service loses nothing, doubles nothing, and ends as if it had lived', async () => {
    const [killed, lived] = [newFolder(), newFolder()];
    const deaths = CRASH_POINTS.flatMap((point) => [`test-calls/${point}:1`, `test-agents/${point}:2`, `${point}:4`]);
    const share = Math.ceil(NOTES.length / deaths.length);
    for (const [i, crashAt] of deaths.entries()) {
      await send(killed, NOTES.slice(i * share, (i + 1) * share));
      expect([crashAt, await run(killed, crashAt)]).toEqual([crashAt, 'SIGKILL']);
    }
    expect(await run(killed)).toBe(0);
    await send(lived, NOTES);
    expect(await run(lived)).toBe(0);
    expect(await check(killed)).toEqual(await check(lived));
    await Promise.all([killed, lived].map((directory) => rm(directory, { recursive: true })));
  }, 180_000);
});
