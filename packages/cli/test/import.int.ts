/** Recordings in, twice, and what the platform then says of itself: over HTTP, and with the folder opened by the command. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, coachloop, json, Platform, temporaryFolder } from './harness/command.ts';
import { samples, vcon, writeVcons } from './harness/samples.ts';

const MADE = 30;
interface Report {
  files: number;
  calls: number;
  events: number;
  accepted: number;
  duplicate: number;
  rejected: { source: string; path: string; reason: string }[];
}
interface Digest {
  kinds: Record<string, { count: number; digest: string }>;
  settled: boolean;
}
interface Verification {
  ok: boolean;
  events: number;
  documents: number;
  violations: unknown[];
}

const folder = temporaryFolder();
let platform: Platform;
const importing = (path: string, to = platform) => json<Report>(['import', path, '--url', to.url]);
const digestOf = (to: Platform) => json<Digest>(['digest', '--url', to.url]);

beforeAll(async () => {
  mkdirSync(join(folder, 'calls'));
  writeVcons(join(folder, 'calls'), MADE);
  platform = await Platform.up(join(folder, 'data'));
}, 60_000);
afterAll(cleanUp, 30_000);

describe('import', { timeout: 120_000 }, () => {
  it('takes every recording, and all of them are duplicates the second time', async () => {
    const counts = { files: MADE, calls: MADE, events: 0, rejected: [] };
    expect(await importing(join(folder, 'calls'))).toEqual({ ...counts, accepted: MADE, duplicate: 0 });
    expect(await importing(join(folder, 'calls'))).toEqual({ ...counts, accepted: 0, duplicate: MADE });
  });

  it('scores each call as `score` does without a platform', async () => {
    await digestOf(platform); // waits until all is handled
    const [offline] = await json<{ evaluationId: string }[]>(['score', join(folder, 'calls', '3.vcon.json')]);
    const { evaluation } = await platform.get<{ evaluation: unknown }>(`/qa/v1/evaluations/${offline?.evaluationId}`);
    expect(evaluation).toEqual(offline);
  });

  it('keeps the good, exits 1, and says of each bad one where it is and why', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeFileSync(join(mixed, 'a.json'), '{"vcon": ');
    writeFileSync(join(mixed, 'aa.json'), '\n');
    writeFileSync(join(mixed, 'b.json'), JSON.stringify([vcon(100), { ...vcon(101), dialog: [] }, 7]));
    writeFileSync(join(mixed, 'c.ndjson'), `${JSON.stringify(vcon(102))}\n\n{"vcon":"0.0.1"}\n`);
    const { code, stdout } = await coachloop(['import', 'mixed', '--url', platform.url, '--json'], { cwd: folder });
    const { rejected, ...counts } = JSON.parse(stdout) as Report;
    expect({ code, ...counts }).toEqual({ code: 1, files: 4, calls: 2, events: 0, accepted: 2, duplicate: 0 });
    expect(rejected.map(({ source, path }) => [source.slice(mixed.length), path])).toEqual([
      ['/a.json', ''],
      ['/aa.json', ''],
      ['/b.json', '/1/dialog'],
      ['/b.json', '/2'],
      ['/c.ndjson', 'line 3 /dialog'],
    ]);
    for (const { reason } of rejected) expect(reason.length).toBeGreaterThan(10);
  });

  it('keeps the siblings of a line that is no JSON, and names that line', async () => {
    const file = join(folder, 'broken-line.ndjson');
    const event = (id: string) =>
      JSON.stringify({ specversion: '1.0', id, source: 'broken-line', type: 'call.ended', data: { callId: id } });
    writeFileSync(file, [event('1'), event('2'), '{"specversion":"1.0","id":', event('4'), event('5')].join('\n'));
    const { code, stdout } = await coachloop(['import', file, '--json', '--url', platform.url]);
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
      code: 1,
      accepted: 4,
      duplicate: 0,
      rejected: [{ source: file, path: 'line 3', reason: 'It is no JSON.' }],
    });
  });

  it('takes events too, and counts each', async () => {
    const event = (id: number, type: string, data: object = {}) => ({
      specversion: '1.0',
      id: `e-${id}`,
      source: 'urn:test:pbx',
      type,
      time: '2025-03-03T08:00:00Z',
      data: { callId: `call-${Math.floor(id / 2)}`, ...data },
    });
    const events = [0, 1, 2, 3].map((id) => event(id, id % 2 ? 'call.ended' : 'call.answered', { agentId: 'a-1' }));
    writeFileSync(
      join(folder, 'events.ndjson'),
      [...events, event(4, 'call.unheard-of')].map((each) => JSON.stringify(each)).join('\n'),
    );
    const { code, stdout } = await coachloop([
      'import',
      join(folder, 'events.ndjson'),
      '--url',
      platform.url,
      '--json',
    ]);
    expect(code).toBe(1);
    const rejected = [{ path: 'line 5 /type' }];
    expect(JSON.parse(stdout)).toMatchObject({ calls: 0, events: 4, accepted: 4, duplicate: 0, rejected });
    const again = await coachloop(['import', join(folder, 'events.ndjson'), '--url', platform.url]);
    expect(again.stdout).toMatch(/^1 files, 4 events: 0 accepted, 4 duplicate; 1 rejected$/m);
  });

  it('of old calls opens no case, and `cases` says why there are none', async () => {
    await digestOf(platform); // waits until all is handled
    const { code, stdout, stderr } = await coachloop(['cases', '--stage', 'closed', '--url', platform.url]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(
      'more than 7 days before they came count, and open none unless they are imported with --open-cases',
    );
  });
});

describe('an installation', { timeout: 120_000 }, () => {
  it('has the same digest as another one that was fed with the same, each with its own key', async () => {
    const up = (name: string) => Platform.up(join(folder, name));
    const [first, second] = await Promise.all([up('first'), up('second')]);
    await importing(join(folder, 'calls'), first);
    for (const n of [2, 1, 0]) await importing(join(folder, 'calls', `${n}.vcon.json`), second);
    const [whole, part] = await Promise.all([digestOf(first), digestOf(second)]);
    expect(whole).toMatchObject({ settled: true, kinds: { calls: { count: MADE }, evaluations: { count: MADE } } });
    expect(part.kinds.calls?.digest).not.toBe(whole.kinds.calls?.digest);
    await importing(join(folder, 'calls'), second);
    expect(await digestOf(second)).toEqual(whole);
    await Promise.all([first.stop(), second.stop()]);
  });

  it('verifies clean while it runs and after, with the same digest, whoever reads it', async () => {
    const running = await json<Verification>(['verify', '--url', platform.url]);
    expect(running).toMatchObject({ ok: true, violations: [] });
    expect(running.documents).toBeGreaterThan(MADE);
    expect(running.events).toBeGreaterThan(MADE);
    const live = await digestOf(platform);
    // The folder is in use: whoever has it is asked.
    expect(await json<Digest>(['digest', '--data', platform.directory])).toEqual(live);
    expect((await platform.stop()).code).toBe(0);
    const opened = await coachloop(['verify', '--data', platform.directory, '--json']);
    expect(opened.stderr).toContain('it is read here');
    expect(JSON.parse(opened.stdout)).toMatchObject({ ok: true, violations: [] });
    expect(await json<Digest>(['digest', '--data', platform.directory])).toEqual(live);
  });

  const appended = async (headers: Record<string, Uint8Array>) => {
    const { directory } = platform; // stopped above
    const adapters = await openEmbedded({ directory, clock: systemClock, onFatal: (error) => console.error(error) });
    await adapters.log.append([{ topic: 'qa-events', key: 'a-1', headers, value: Buffer.from('not ours') }]);
    await adapters.close();
    return coachloop(['verify', '--data', directory, '--json']);
  };

  it('where a stranger has written to a topic of ours it says so, and finds nothing wrong', async () => {
    const { code, stdout } = await appended({});
    const notes = [expect.stringMatching(/^Records by somebody else .*: 1, the first at qa-events\/\d+\/\d+\. /)];
    expect({ code, ...(JSON.parse(stdout) as Verification) }).toMatchObject({ code: 0, ok: true, notes });
  });

  it('that is not as promised exits 1, and says where', async () => {
    const { code, stdout } = await appended({ ce_stream: Buffer.from('one of ours') });
    expect({ code, ...(JSON.parse(stdout) as Verification) }).toMatchObject({
      code: 1,
      ok: false,
      violations: [{ rule: 'event-unreadable', where: expect.stringContaining('qa-events') }],
    });
  });
});

describe.runIf(samples)('the sample conversations', { timeout: 120_000 }, () => {
  it('are all imported, all duplicates the second time, all scored, and verify is clean', async () => {
    const path = join(samples ?? '', 'vcon-files');
    const files = readdirSync(path).length;
    const fed = await Platform.up(join(folder, 'samples'));
    const counts = { files, calls: files, events: 0, rejected: [] };
    expect(await importing(path, fed)).toEqual({ ...counts, accepted: files, duplicate: 0 });
    expect(await importing(path, fed)).toEqual({ ...counts, accepted: 0, duplicate: files });
    expect(await digestOf(fed)).toMatchObject({ settled: true, kinds: { evaluations: { count: files } } });
    expect(await json(['verify', '--url', fed.url])).toMatchObject({ ok: true, violations: [] });
    await fed.stop();
  });
});
