/** A place for a process: who waits for it while others do something to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastingPort } from '@coachloop/servers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Member } from '../src/distributed/member.ts';

let folder: string;
let member: Member;
const deaths: string[] = [];
/** It listens and waits for a broker that is not there, so it is never ready. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coachloop-member-'));
  const nobody = await lastingPort();
  member = new Member({
    service: 'evaluation',
    name: 'evaluation 1',
    port: await lastingPort(),
    env: { KAFKA_BROKERS: `127.0.0.1:${nobody}`, MONGODB_URI: `mongodb://127.0.0.1:${nobody}/coachloop` },
    mutant: null,
    clockEnv: () => ({}),
    logFile: join(folder, 'said.log'),
    onDeath: (what) => deaths.push(what),
  });
  member.launch();
  await vi.waitFor(async () => expect((await fetch(`${member.url}/healthz`)).ok).toBe(true), 30_000);
});
afterEach(async () => {
  await member.discard();
  rmSync(folder, { recursive: true });
});

test('who waits for all is not told of a process that is stopped meanwhile by another fault', async () => {
  const settled = member.settled();
  await member.inTurn(async () => {
    await member.stop();
    await settled;
  });
  expect(deaths).toEqual([]);
});

test('who waits for all is not told of a process that was taken out before its turn came', async () => {
  member.isRetired = true;
  await member.inTurn(() => member.stop());
  await member.settled();
  expect(deaths).toEqual([]);
});

test('who waits for all is told of a process that ends meanwhile', async () => {
  const settled = member.settled();
  await member.stop();
  await expect(settled).rejects.toMatchObject({ code: 'DRILL_NOT_READY' });
});
