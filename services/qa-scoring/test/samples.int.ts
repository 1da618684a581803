import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EvaluationResult, faultOf } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { evaluate, loadForms } from '../src/index.ts';
import { record } from './calls.ts';
import { expected, readZh, zhCall } from './zh-sample.ts';

const folder = process.env.COACHLOOP_SAMPLES;
const forms = loadForms();
if (folder === undefined)
  console.warn('NOTICE: COACHLOOP_SAMPLES is not set; the tests with recorded conversations are skipped.');

describe.skipIf(folder === undefined)('recorded conversations', () => {
  it('Chinese calls are answered as people answered them, nearly always', () => {
    let agreed = 0;
    let asked = 0;
    const differ: string[] = [];
    for (const file of readZh(folder ?? '')) {
      const result = evaluate(forms, zhCall(file));
      for (const answer of result?.answers ?? []) {
        const truth = expected(file, answer.questionId);
        if (truth === undefined) continue;
        asked++;
        if (truth === answer.value) agreed++;
        else differ.push(`${file.id} ${answer.questionId}: ${answer.value}, people say ${truth}`);
      }
    }
    expect(asked).toBeGreaterThan(180);
    expect(agreed / asked, differ.join('\n')).toBeGreaterThanOrEqual(0.97);
  });

  it('the very bad Chinese call scores far below the good ones', () => {
    const scores = readZh(folder ?? '').map((file) => ({
      overall: file.truth.overall,
      score: evaluate(forms, zhCall(file))?.score ?? -1,
    }));
    const of = (overall: string) => scores.filter((one) => one.overall === overall).map((one) => one.score);
    expect(Math.min(...of('good'))).toBeGreaterThanOrEqual(90);
    expect(Math.max(...of('poor'))).toBeLessThan(25);
  });

  it('every labelled English conversation gets a valid evaluation; greeting and farewell are seen, nobody is accused', () => {
    const tally = { calls: 0, greeting: 0, closing: 0, accused: 0 };
    for (const name of readdirSync(join(folder ?? '', 'vcon-files'))) {
      const vcon: { dialog: { body?: string; originator?: number }[]; parties: { role?: string }[] } = JSON.parse(
        readFileSync(join(folder ?? '', 'vcon-files', name), 'utf8'),
      );
      if (vcon.dialog.length < 3) continue;
      const lines = vcon.dialog.map((turn): ['agent' | 'customer', string] => [
        vcon.parties[turn.originator ?? 0]?.role === 'agent' ? 'agent' : 'customer',
        turn.body ?? '',
      ]);
      const result = evaluate(forms, record(name, lines, { channel: 'chat' }));
      expect(faultOf(EvaluationResult, result), name).toBeNull();
      const value = (id: string) => result?.answers.find((answer) => answer.questionId === id)?.value;
      tally.calls++;
      if (value('greeting') === 'yes') tally.greeting++;
      if (value('closing') === 'yes') tally.closing++;
      if ((result?.autoFailedBy.length ?? 0) > 0) tally.accused++;
    }
    expect(tally.calls).toBeGreaterThan(100);
    expect(tally.greeting / tally.calls).toBeGreaterThanOrEqual(0.97);
    expect(tally.closing / tally.calls).toBeGreaterThanOrEqual(0.85);
    expect(tally.accused).toBe(0);
  });
});
