import { describe, expect, it } from 'vitest';
import { evaluate, loadForms } from '../src/index.ts';
import { EN_BAD, EN_GOOD, record, ZH_GOOD } from './calls.ts';

const forms = loadForms();
const chat = { channel: 'chat' } as const;

/**
 * The whole result of one call per form, byte for byte. A change here is a change of what agents are told: it needs a new form
 * version, or a new scorer version where the engine changed.
 */
describe('the same call and form version give the same bytes', () => {
  it.each([
    ['en.voice', record('good', EN_GOOD, { ringSeconds: 9 })],
    ['en.voice.bad', record('bad', EN_BAD, { ringSeconds: 40 })],
    ['en.chat', record('chat', EN_GOOD, chat)],
    ['zh.voice', record('zh', ZH_GOOD, { ringSeconds: 9, holds: [{ startMs: 34_000, endMs: 36_000 }] })],
    ['zh.chat', record('zh-chat', ZH_GOOD, chat)],
    ['any', record('any', [['agent', 'Bonjour']], { language: 'fr', ringSeconds: 9 })],
  ])('%s', async (name, call) => {
    for (const version of [1, 2]) {
      const published = forms.filter(({ form }) => form.version <= version);
      const result = evaluate(published, call);
      if (result?.form.version !== version) continue;
      await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.v${version}.json.snap`);
      expect(JSON.stringify(evaluate(published, structuredClone(call)))).toBe(JSON.stringify(result));
    }
  });
});
