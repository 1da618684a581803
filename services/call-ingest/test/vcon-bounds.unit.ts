/** What one vCon may cost: it comes from strangers, over the one route that is open to the network. */
import { describe, expect, it } from 'vitest';
import { mapVcon } from '../src/sources/vcon/source.ts';

const START = '2026-03-02T09:00:00Z';
const map = (value: unknown) => mapVcon(value, { source: 'vcon', openCases: false });
const vcon = (parts: object) => ({ uuid: 'v-1', created_at: START, dialog: [recording], ...parts });
const recording = { type: 'recording', start: START, duration: 60 };
const listOf = (count: number, one: (index: number) => unknown) => Array.from({ length: count }, (_, i) => one(i));
const codes = (value: unknown) => map(value).rejected.map(({ code, path }) => `${code} ${path}`);

/** How often the bodies of a vCon's analyses are looked at, with so many dialogs that ask for their transcripts. */
function readsOf(dialogs: number): number {
  let reads = 0;
  const analysis = listOf(20, () => ({
    type: 'transcript',
    dialog: listOf(dialogs, (index) => index),
    get body() {
      reads += 1;
      return 'Agent: Hello.\nCustomer: Hi.';
    },
  }));
  const { calls } = map(vcon({ dialog: listOf(dialogs, () => ({ type: 'text', start: START })), analysis }));
  expect(calls).toHaveLength(dialogs);
  return reads;
}

describe('a vCon', () => {
  it('has each of its analyses decoded as often for ten dialogs as for one', () => {
    expect(readsOf(1)).toBeGreaterThan(0);
    expect(readsOf(10)).toBe(readsOf(1));
  });

  it.each([
    ['dialog', 5_000, { type: 'text', start: START, body: 'Hello.' }],
    ['analysis', 1_000, { type: 'summary', body: 'x' }],
    ['attachments', 1_000, {}],
    ['parties', 200, { role: 'agent' }],
  ])('may have so many in %s, and one more is refused before anything of it is read', (part, max, one) => {
    expect(codes(vcon({ [part]: listOf(max, () => one) }))).toEqual([]);
    let reads = 0;
    const looked = {
      get body() {
        reads += 1;
        return '';
      },
    };
    const more = (analysis: unknown) => codes(vcon({ analysis: [analysis], [part]: listOf(max + 1, () => one) }));
    expect(more(looked)).toEqual([`VCON_TOO_MANY_PARTS /${part}`]);
    // Looked at as a value of JSON, once, as everything is.
    expect(reads).toBeLessThanOrEqual(1);
  });

  it('holds 200 calls at most, counted before they are made', () => {
    const incomplete = { type: 'incomplete', disposition: 'busy', start: START };
    expect(map(vcon({ dialog: listOf(200, () => recording) })).calls).toHaveLength(200);
    expect(codes(vcon({ dialog: listOf(201, () => recording) }))).toEqual(['VCON_TOO_MANY_CALLS /dialog']);
    expect(codes(vcon({ dialog: [recording, ...listOf(200, () => incomplete)] }))).toEqual([
      'VCON_TOO_MANY_CALLS /dialog',
    ]);
  });

  it('may give ten recordings one transcript; more would make much of little', () => {
    const shared = (count: number) =>
      vcon({
        dialog: listOf(count, () => recording),
        analysis: [
          { type: 'transcript', dialog: listOf(count, (index) => index), body: 'Agent: Hello.\nCustomer: Hi.' },
        ],
      });
    expect(map(shared(10)).calls).toHaveLength(10);
    expect(codes(shared(11))).toEqual(['VCON_TRANSCRIPT_SHARED /analysis']);
  });

  it('may say of its recordings a thousand times that they were transferred', () => {
    const transferred = (count: number) =>
      vcon({ dialog: [recording, ...listOf(count, () => ({ type: 'transfer', start: START, original: [0, 0] }))] });
    expect(codes(transferred(1_000))).toEqual([]);
    expect(map(transferred(3)).calls[0]?.events.filter(({ type }) => type === 'call.transferred')).toHaveLength(3);
    expect(codes(transferred(1_001))).toEqual(['VCON_TOO_MANY_PARTS /dialog']);
  });
});
