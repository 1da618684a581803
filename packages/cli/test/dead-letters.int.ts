/** What cannot be handled is found, looked at, tried again, and given up. */
import { letterIdOf } from '@coachloop/runtime';
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

/** The letter of a message that only a broker with other bounds takes; its id. */
async function parkLarge(): Promise<string> {
  const name = { group: 'call-ingest', collection: 'calls', aggregate: 'c', stream: 's', seq: 1 };
  const data = {
    ...name,
    origin: { topic: 'call-intake', partition: 1, offset: 7 },
    reason: { code: 'EVENT_INVALID', message: 'it is not what it should be' },
    parkedAt: new Date(platform.clock.now()).toISOString(),
    record: { key: null, headers: {}, value: null, omitted: { bytes: 5_000_000, sha256: 'a'.repeat(64) } },
  };
  const attributes = { ce_specversion: '1.0', ce_id: 'p', ce_source: '/s', ce_type: 'dead-letter.parked' };
  const text = { ...attributes, ce_stream: 's', ce_seq: '1', ce_born: '1', 'content-type': 'application/json' };
  const headers = Object.fromEntries(Object.entries(text).map(([header, value]) => [header, Buffer.from(value)]));
  const value = Buffer.from(JSON.stringify(data));
  await platform.log.append([{ topic: 'call-ingest.dead-letter', key: 'c', headers, value }]);
  return letterIdOf(name);
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
    const unknown = await coachloop(command('show', 'nobody'));
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No dead letter has the id "nobody".*NOT_FOUND/),
    });
    const table = await coachloop(command('list'));
    expect(table.stdout).toMatch(/PARKED .*REASON\n.*call-ingest .*\n.*call-ingest .*\n$/);
  });

  it('are found by service, its generations included, and by code; what nobody knows is refused', async () => {
    const found = await list('--service', 'call-ingest', '--code', 'EVENT_TIME_FUTURE');
    expect(found).toHaveLength(1);
    expect(await list('--service', 'live-metrics')).toEqual([]);
    expect(await list('--code', 'EVENT_TOO_OLD')).toEqual([]);
    const all = await list();
    expect(await list('--code', 'EVENT_TIME_FUTURE, EVENT_BODY_NOT_JSON')).toEqual(all);
    expect(await list('--code', 'EVENT_*')).toEqual(all);
    const service = await coachloop(command('list', '--service', 'nope'));
    expect(service).toMatchObject({ code: 1, stderr: expect.stringMatching(/there are .*call-ingest.*\(NOT_FOUND\)/) });
    for (const args of [
      ['list', '--code', 'NOPE'],
      ['replay', '--all', '--code', 'NOPE'],
      ['list', '--code', 'EVENT_TIME_FUTURE,NOPE'],
    ])
      expect(await coachloop(command(...args))).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /No dead letter has the code "NOPE"; there are .*EVENT_INVALID.*\(ARGUMENT_INVALID\)/,
        ),
      });
    expect(await coachloop(command('list', '--code', 'NOPE_*'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/begins as "NOPE_\*" says.*\(ARGUMENT_INVALID\)/),
    });
    expect(await coachloop(command('list', '--code', 'EVENT_TIME_FUTUR'))).toMatchObject({
      stderr: expect.stringMatching(/"EVENT_TIME_FUTUR"; EVENT_TIME_FUTURE may be meant/),
    });
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
    expect(again).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /was discarded before at \d{4}-.*: the sender was corrected.*\(DEAD_LETTER_NOT_OPEN\)/,
      ),
    });
    const [handled] = await list('--status', 'replayed');
    expect(await coachloop(command('replay', handled?.id ?? ''))).toMatchObject({
      code: 0,
      stdout: '0 of 1 dead letters were handled, 0 stay open\n',
      stderr: expect.stringMatching(/was replayed before at \d{4}-/),
    });
    expect(await coachloop(command('discard', handled?.id ?? '', '--reason', reason))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/was replayed before at .*\(DEAD_LETTER_NOT_OPEN\)/),
    });
    expect(await coachloop(command('discard', broken?.id ?? '', '--reason', reason))).toMatchObject({
      code: 0,
      stdout: '0 of 1 dead letters were discarded\n',
      stderr: expect.stringMatching(/was discarded before at \d{4}-.*: the sender was corrected/),
    });
    const without = await coachloop(command('discard', broken?.id ?? ''));
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
    expect(await json(['verify', '--url', platform.url])).toMatchObject({ ok: true, violations: [] });
  });

  it('of a message that was too large to be kept are listed as such; replaying all passes over them, replaying one says why', async () => {
    const id = await parkLarge();
    expect(await listed(1)).toMatchObject([{ id, omitted: { bytes: 5_000_000 } }]);
    expect((await coachloop(command('list'))).stdout).toContain('[5000000 bytes: too large');
    expect((await coachloop(command('show', id))).stdout).toMatch(/omitted +\{"bytes":5000000,/);
    const all = await coachloop([...command('replay', '--all'), '--json']);
    expect({ code: all.code, result: JSON.parse(all.stdout) }).toEqual({
      code: 1,
      result: { letters: 1, replayed: 0, open: [id] },
    });
    expect(await coachloop(command('replay', id))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/call-intake, partition 1, offset 7.*\(DEAD_LETTER_TOO_LARGE\)/),
    });
  });
});
