/** What cannot be handled is found, looked at, tried again, and given up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Letter } from '../src/commands/dead-letters.ts';
import { coachloop, json, until } from './harness/command.ts';
import { startInProcess } from './harness/in-process.ts';

const DAY_MS = 86_400_000;
let platform: Awaited<ReturnType<typeof startInProcess>>;

/** An event on the bus, as another system would write it. */
async function publish(id: string, value: string): Promise<void> {
  const time = new Date(platform.clock.now()).toISOString();
  const text = (value: string) => Buffer.from(value);
  const headers = {
    ce_specversion: text('1.0'),
    ce_id: text(id),
    ce_source: text('urn:test:pbx'),
    ce_type: text('call.ended'),
    ce_time: text(time),
    'content-type': text('application/json'),
  };
  await platform.log.append([{ topic: 'call-intake', key: 'call-1', headers, value: text(value) }]);
}

const command = (...args: string[]) => ['dead-letters', ...args, '--url', platform.url];
const list = (...args: string[]) => json<Letter[]>(command('list', ...args));
/** A letter is listed some moments after its message came. */
const listed = (count: number) => until(async () => ((found) => found.length === count && found)(await list()));

beforeAll(async () => {
  platform = await startInProcess();
}, 60_000);
afterAll(() => platform.stop());

describe('dead letters', { timeout: 120_000 }, () => {
  it('are listed with why and where, and shown with the message as it came', async () => {
    expect(await list()).toEqual([]);
    await publish('broken', '{"callId": "call-1", ');
    const at = new Date(platform.clock.now() + 2 * DAY_MS).toISOString();
    const ahead = JSON.stringify({ callId: 'call-1', agentId: 'a-1', at });
    await publish('ahead', ahead);
    const letters = await listed(2);
    expect(letters.map(({ service, status, replays }) => ({ service, status, replays }))).toEqual(
      Array(2).fill({ service: 'call-ingest', status: 'open', replays: 0 }),
    );
    const early = letters.find(({ code }) => code === 'EVENT_TIME_FUTURE');
    expect(early).toMatchObject({
      aggregate: expect.stringMatching(/^calls\//),
      origin: expect.stringMatching(/^call-intake\/\d+@\d+$/),
    });
    const shown = await json<Letter & { record: { key: string; value: string } }>(command('show', early?.id ?? ''));
    expect(shown).toMatchObject({ ...early, record: { key: 'call-1', value: ahead } });
    const table = await coachloop(command('list'));
    expect(table.stdout).toMatch(/PARKED .*REASON\n.*call-ingest .*\n.*call-ingest .*\n$/);
  });

  it('are replayed by aggregate: what fails again stays open, and exits 1', async () => {
    const early = (await list('--code', 'EVENT_TIME_FUTURE'))[0];
    platform.advance(1000);
    const again = await coachloop([...command('replay', '--aggregate', early?.aggregate ?? ''), '--json']);
    expect({ code: again.code, result: JSON.parse(again.stdout) }).toEqual({
      code: 1,
      result: { letters: 1, replayed: 0, open: [early?.id] },
    });
    platform.advance(2 * DAY_MS);
    const mended = await json(command('replay', '--aggregate', early?.aggregate ?? ''));
    expect(mended).toEqual({ letters: 1, replayed: 1, open: [] });
    expect(await list('--status', 'replayed')).toMatchObject([{ id: early?.id, replays: 2 }]);
    const call = await fetch(`${platform.url}/ingest/v1/calls/${early?.aggregate.slice('calls/'.length)}`);
    expect(await call.json()).toMatchObject({ sourceCallId: 'call-1', agentKey: 'a-1' });
  });

  it('are replayed all at once, at a rate', async () => {
    const result = await coachloop([...command('replay', '--all', '--rate', '100/s'), '--json']);
    expect({ code: result.code, result: JSON.parse(result.stdout) }).toMatchObject({
      code: 1,
      result: { letters: 1, replayed: 0 },
    });
  });

  it('are given up with a reason, once, and verify finds all as promised', async () => {
    const [broken] = await list();
    const reason = 'the sender was corrected';
    expect(await json(command('discard', broken?.id ?? '', '--reason', reason))).toEqual({ letters: 1, discarded: 1 });
    const [discarded] = await until(async () =>
      ((found) => found.length > 0 && found)(await list('--status', 'discarded')),
    );
    expect(discarded).toMatchObject({ id: broken?.id, discardReason: reason });
    expect(await list()).toEqual([]);
    const again = await coachloop(command('replay', broken?.id ?? ''));
    expect(again).toMatchObject({ code: 0, stdout: '0 of 1 dead letters were handled, 0 stay open\n' });
    const without = await coachloop(command('discard', broken?.id ?? ''));
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
    expect(await json(['verify', '--url', platform.url])).toMatchObject({ ok: true, violations: [] });
  });
});
