import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ingest, startIngest } from './harness.ts';

let ingest: Ingest;
beforeEach(async () => {
  ingest = await startIngest();
});
afterEach(() => ingest.stop());

const chat = (uuid: string, body = 'Hello, how can I help you?') => ({
  uuid,
  created_at: '2026-03-02T10:00:00Z',
  parties: [
    { role: 'agent', id: 'ann' },
    { role: 'customer', tel: '+15550100' },
  ],
  dialog: [
    { type: 'text', start: '2026-03-02T09:00:00Z', originator: 1, body: 'Hi.' },
    { type: 'text', start: '2026-03-02T09:01:00Z', originator: 0, body },
  ],
});
const lines = (...values: (string | object)[]) =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\r\n');
const ndjson = (body: string) =>
  ingest.post('/ingest/v1/vcons', body, { 'content-type': 'application/x-ndjson; charset=utf-8' });

describe('POST /ingest/v1/vcons', () => {
  it('completes a call per conversation at once, and knows the file again', async () => {
    const report = { files: 1, calls: 1, accepted: 1, duplicate: 0, rejected: [], warnings: [] };
    expect(await ingest.vcon(chat('v-1'))).toMatchObject({ status: 202, body: report });
    expect(await ingest.vcon(chat('v-1'))).toMatchObject({
      status: 202,
      body: { ...report, accepted: 0, duplicate: 1 },
    });
    const published = await ingest.published();
    expect(published.map(({ type }) => type)).toEqual([
      'call.answered',
      'call.ended',
      'transcript.completed',
      'call.completed',
    ]);
    expect(published.at(-1)?.data).toMatchObject({ missing: [], waitSeconds: 60, channel: 'chat', openCases: false });
    expect(JSON.stringify(published)).not.toContain('15550100');
  });

  it('revises the call when the conversation comes again with other words', async () => {
    await ingest.vcon(chat('v-1'));
    const later = { ...chat('v-1', 'Hello!'), updated_at: '2026-03-03T10:00:00Z' };
    expect((await ingest.vcon(later)).body).toMatchObject({ accepted: 1, duplicate: 0 });
    // The older file once more, late: what was said later stays.
    expect((await ingest.vcon(chat('v-1'))).body).toMatchObject({ duplicate: 1 });
    const last = (await ingest.published()).filter(({ type }) => type === 'call.revised').at(-1);
    expect(last?.data).toMatchObject({ transcript: { segments: [{ text: 'Hi.' }, { text: 'Hello!' }] } });
  });

  it('takes lines, and reports the bad ones by index', async () => {
    const answer = await ndjson(lines(chat('v-1'), '', '{"cut', { uuid: 'v-2', dialog: [] }, chat('v-3')));
    expect(answer).toMatchObject({
      status: 202,
      body: {
        files: 4,
        calls: 2,
        accepted: 2,
        rejected: [
          { index: 1, path: '', code: 'EVENT_BODY_NOT_JSON', reason: expect.stringContaining('Line 3') },
          { index: 2, path: '/dialog', code: 'VCON_NO_DIALOG' },
        ],
      },
    });
  });

  it('names source and cases as the query says', async () => {
    await ingest.vcon([chat('v-1')], '?source=archive&openCases=true');
    expect((await ingest.get('/ingest/v1/calls?limit=1')).body.items).toMatchObject([
      { source: 'archive', openCases: true },
    ]);
  });

  it('answers with a problem that holds the report when nothing was accepted', async () => {
    expect(await ingest.vcon({ uuid: 'v', dialog: [] })).toMatchObject({
      status: 422,
      body: { code: 'VCON_NO_DIALOG', pointer: '/dialog', files: 1, calls: 0, rejected: [{ index: 0 }] },
    });
    expect(await ingest.vcon([1, 2])).toMatchObject({
      status: 422,
      body: { code: 'INGEST_NOTHING_ACCEPTED', pointer: '/0' },
    });
    expect(await ingest.vcon([])).toMatchObject({ status: 202, body: { files: 0, calls: 0 } });
  });
});
