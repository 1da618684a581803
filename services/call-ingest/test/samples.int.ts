/** Real conversations: every file makes its call, again makes nothing, and inferred speakers are right where we can tell. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallEventData, CallIntakeData, Transcript } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { recordsOfVcon } from '../src/records.ts';
import { mapVcon } from '../src/sources/vcon/source.ts';
import { inferAlternating } from '../src/sources/vcon/speakers.ts';
import { startIngest } from './harness.ts';

const samples = process.env.COACHLOOP_SAMPLES;
if (!samples) process.stderr.write('NOTICE: COACHLOOP_SAMPLES is not set; real conversations are not tested here.\n');

const read = (folder: string) =>
  readdirSync(join(samples ?? '', folder))
    .filter((name) => name.endsWith('.vcon.json'))
    .map((name): unknown => JSON.parse(readFileSync(join(samples ?? '', folder, name), 'utf8')));

describe.runIf(samples)('the sample conversations', () => {
  const files = samples ? read('vcon-files') : [];
  const transcripts = files
    .flatMap((file) => mapVcon(file, { source: 'vcon', openCases: false }).calls)
    .flatMap(({ events }) => events.filter(({ type }) => type === 'transcript.completed'))
    .map(({ data }) => (data as CallIntakeData<'transcript.completed'>).transcript);

  it('are all accepted and completed, and all duplicates the second time', async () => {
    const ingest = await startIngest();
    const send = () =>
      ingest.post('/ingest/v1/vcons', files.map((file) => JSON.stringify(file)).join('\n'), {
        'content-type': 'application/x-ndjson',
      });
    const counts = { files: files.length, calls: files.length, rejected: [] };
    expect((await send()).body).toMatchObject({ ...counts, accepted: files.length, duplicate: 0 });
    expect((await send()).body).toMatchObject({ ...counts, accepted: 0, duplicate: files.length });
    const records = (await ingest.published()).filter(({ type }) => type === 'call.completed');
    expect(records).toHaveLength(files.length);
    for (const { data } of records) expect(data).toMatchObject({ missing: [], revision: 1, transcript: {} });
    const offline = new Map(
      files.flatMap((file) => recordsOfVcon(file, Date.now()).records).map((record) => [record.callId, record]),
    );
    for (const { data } of records) {
      // The installation's key makes the customer's hash, so a file alone cannot have the same.
      const { stage: _, customerHash: __, ...published } = data as CallEventData<'call.completed'>;
      expect(offline.get(published.callId)).toMatchObject(published);
    }
    await ingest.stop();
  });

  it('have speakers for nine turns in ten where no source names them', () => {
    const inferred = transcripts.filter(({ speakers }) => speakers !== 'stated').flatMap(({ segments }) => segments);
    const known = inferred.filter(({ speaker }) => speaker !== 'unknown').length;
    expect(known / inferred.length).toBeGreaterThan(0.9);
  });

  it('show that the rule is right where it speaks: on chats, whose writers are known', () => {
    const chats = transcripts.filter(({ speakers }) => speakers === 'stated');
    const verdicts = chats.flatMap(({ segments }: Transcript) => {
      const guesses = inferAlternating(segments.map(({ text }) => text)) ?? [];
      return guesses.flatMap((guess, index) => (guess === 'unknown' ? [] : [guess === segments[index]?.speaker]));
    });
    expect(verdicts.length).toBeGreaterThan(1_000);
    expect(verdicts.filter((right) => !right).length / verdicts.length).toBeLessThan(0.005);
  });

  it('of the drafts, signed or not, make a call each', () => {
    for (const vcon of read('vendor/vcon')) {
      const { calls, rejected } = mapVcon(vcon, { source: 'vcon', openCases: false });
      expect({ calls: calls.length, rejected }).toEqual({ calls: 1, rejected: [] });
    }
  });
});
