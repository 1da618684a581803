import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapRecordings } from '../src/index.ts';

const startMs = Date.UTC(2026, 5, 1, 9);
const options = { seed: 3, startMs, agents: 3 };
const recording = (n: number) => ({
  uuid: `00000000-0000-4000-8000-00000000000${n}`,
  vcon: '0.0.1',
  created_at: '2025-03-01T10:05:00+00:00',
  parties: [
    { name: 'Some Customer', role: 'customer', tel: '+10000000' },
    {
      name: 'Some Agent',
      role: 'agent',
      mailto: 'some@agent.example',
      id: 'some@agent.example',
      meta: { role: 'agent', extension: '12' },
    },
  ],
  dialog: [
    { type: 'text', start: '2025-03-01T10:00:00', parties: [1], body: 'At 2025-03-01T10:00:00 it rang.' },
    { type: 'text', start: '2025-03-01T11:04:00+01:00', parties: [0], body: 'Yes.' },
  ],
  attachments: [{ type: 'x', body: { email: 'some@agent.example', received_at: '2025-03-01T10:04:00.123456' } }],
});

interface Vcon {
  uuid: string;
  parties: { name: string; role: string; id?: string; mailto?: string; tel?: string }[];
  dialog: { start: string; body: string }[];
  attachments: { body: { email: string; received_at: string } }[];
}

describe('real recordings', () => {
  it('get an agent of the replay and a new time, and keep the rest', () => {
    const [replay] = mapRecordings([recording(1)], options);
    const vcon = replay?.vcon as Vcon;
    expect(replay?.agentKey).toBe('R01');
    expect(vcon.parties[0]).toEqual(recording(1).parties[0]);
    expect(vcon.parties[1]).toMatchObject({ id: 'R01', mailto: 'r01@replay.example', role: 'agent' });
    expect(JSON.stringify(vcon)).not.toContain('ome Agent');
    expect(vcon.attachments[0]?.body.email).toBe('r01@replay.example');
    const [first, second] = vcon.dialog.map(({ start }) => Date.parse(start));
    expect(first).toBeGreaterThan(startMs);
    expect((second ?? 0) - (first ?? 0)).toBe(4 * 60_000);
    expect(Date.parse(vcon.attachments[0]?.body.received_at ?? '')).toBe((second ?? 0) + 123);
    expect(vcon.dialog[0]?.body).toBe('At 2025-03-01T10:00:00 it rang.');
    expect(replay?.atMs).toBe(second);
  });

  it('have uuids that follow from the seed, the round and their own', () => {
    const uuids = (seed: number, rounds: number) =>
      [...mapRecordings([recording(1), recording(2)], { ...options, seed, rounds })]
        .map(({ vcon }) => (vcon as Vcon).uuid)
        .sort();
    expect(uuids(3, 1)).toEqual(uuids(3, 1));
    expect(new Set([...uuids(3, 2), ...uuids(4, 2)]).size).toBe(8);
  });

  it('come in order, and no agent has two at a time', () => {
    const many = Array.from({ length: 9 }, (_, n) => recording(n));
    const free = new Map<string | null, number>();
    let last = 0;
    for (const { atMs, agentKey, vcon } of mapRecordings(many, { ...options, rounds: 4 })) {
      expect(atMs).toBeGreaterThanOrEqual(last);
      last = atMs;
      expect(Date.parse((vcon as Vcon).dialog[0]?.start ?? '')).toBeGreaterThanOrEqual(free.get(agentKey) ?? 0);
      free.set(agentKey, atMs);
    }
    expect([...free.keys()].sort()).toEqual(['R01', 'R02', 'R03']);
  });

  it('may be anything that JSON can be: what is no vCon is passed on', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), (values) => {
        expect([...mapRecordings(values, options)]).toHaveLength(values.length);
      }),
    );
    const nested = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`);
    expect([...mapRecordings([nested], options)]).toHaveLength(1);
  });

  const samples = process.env.COACHLOOP_SAMPLES;
  if (!samples) console.warn('SKIPPED: recordings of COACHLOOP_SAMPLES (the variable is not set)');
  it.runIf(samples)('of the samples are all mapped onto a dozen agents', () => {
    const folder = join(samples ?? '', 'vcon-files');
    const vcons = readdirSync(folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    const replays = [...mapRecordings(vcons, { seed: 1, startMs, agents: 12 })];
    expect(replays).toHaveLength(vcons.length);
    expect(new Set(replays.map(({ agentKey }) => agentKey)).size).toBe(12);
    for (const { vcon, atMs } of replays)
      for (const { start } of (vcon as Vcon).dialog) {
        expect(Date.parse(start)).toBeGreaterThan(startMs);
        expect(Date.parse(start)).toBeLessThanOrEqual(atMs);
      }
  });
});
