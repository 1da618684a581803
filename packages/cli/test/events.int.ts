/** `events` over connections that break. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { toHeaders } from '@coachloop/contracts';
import { EXAMPLES } from '@coachloop/contracts/examples';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, start } from './harness/command.ts';
import { startInProcess } from './harness/in-process.ts';

let platform: Awaited<ReturnType<typeof startInProcess>>;
beforeAll(async () => {
  platform = await startInProcess();
});
afterAll(() => platform.stop());

const TYPE = 'training.started';
async function publish(): Promise<string> {
  const id = randomUUID();
  const data = EXAMPLES['training-events'][TYPE] as object;
  const event = { id, source: 'test', type: TYPE, time: Date.now(), key: 'a', stream: id, seq: 1, born: 1, data };
  const value = Buffer.from(JSON.stringify(data));
  await platform.log.append([{ topic: 'training-events', key: 'a', headers: toHeaders(event), value }]);
  return id;
}

it('followed from now on, none is missed, also when the connection breaks before the first one came', async () => {
  const isFollowed = new Promise<void>((resolve) => {
    platform.server.on('request', ({ url }) => {
      if (url?.includes('follow=true')) resolve();
    });
  });
  await publish(); // before it began
  const follower = start(['events', '--types', TYPE, '--from', 'now', '--follow', '--url', platform.url]);
  const end = ended(follower);
  const lines = createInterface({ input: follower.stdout as Readable });
  const line = once(lines, 'line').then(([first]) => first as string);
  await isFollowed;
  platform.server.closeAllConnections();
  const missed = await publish(); // it waits a moment before it connects again
  try {
    expect(JSON.parse(await line)).toMatchObject({ id: missed });
  } finally {
    follower.kill('SIGINT');
    await end;
  }
}, 60_000);
