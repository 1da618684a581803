import { readPolicy } from '@coachloop/evaluation';
import { problemType } from '@coachloop/service-kit';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { describe, expect, test } from 'vitest';
import { criticalRuleOf, levelRuleOf, renderClosingRule } from '../lib/closing-rule.ts';
import { anchorOf, codesIn, codesInSources, readCatalogues, renderCatalogue } from '../lib/error-catalogue.ts';
import { anchorsOf, textOf } from '../lib/markdown.ts';
import { renderSamples, samplesFolder } from '../lib/samples.ts';
import { renderSettings } from '../lib/settings-table.ts';

const STALE = 'run `npm run docs` (with COACHLOOP_SAMPLES for samples.md)';

describe('the error catalogue', async () => {
  const entries = await readCatalogues();

  test('is what the tables in the sources say', () => {
    expect(textOf('docs/errors.md'), STALE).toBe(renderCatalogue(entries));
  });

  test('has every code that stands in the sources', () => {
    const known = new Set(entries.map(({ code }) => code));
    const codes = codesInSources();
    expect(codes.size).toBeGreaterThan(100);
    const missing = [...codes].filter(([code]) => !known.has(code)).map(([code, file]) => `${code} (${file})`);
    expect(missing, 'put it into the errors.ts of its package').toEqual([]);
  });

  test('has the anchor that the type of a problem links to', () => {
    const anchors = anchorsOf(textOf('docs/errors.md'));
    for (const { code } of entries) {
      expect(problemType(code)).toBe(`/docs/errors#${anchorOf(code)}`);
      expect(anchors).toContain(anchorOf(code));
    }
  });
});

test('a code is seen wherever it stands as a text, what only looks like one is not', () => {
  const source = `
    throw new HttpProblem(400, 'SOMETHING_WRONG', 'x', \`y\`);
    const known = error.code === "OTHER_THING" || isIt('SQLITE_BUSY', process.env['COACHLOOP_URL']);
    const NOT_A_TEXT = { IN_A_KEY: 1 }; // 'IN_A_COMMENT'
  `;
  expect(codesIn('a.ts', source)).toEqual(['SOMETHING_WRONG', 'OTHER_THING']);
});

test('the page on configuration is what the schema of the settings says', () => {
  expect(textOf('docs/configuration.md'), STALE).toBe(renderSettings());
});

test('the figures of the closing rule are those of the default policy', { timeout: 180_000 }, () => {
  expect(textOf('docs/closing-rule.md'), STALE).toBe(
    renderClosingRule(readPolicy(), levelRuleOf(readTriggers()), criticalRuleOf(readTriggers())),
  );
});

const samples = samplesFolder(process.env);
if (samples === null) process.stderr.write('NOTICE: COACHLOOP_SAMPLES is not set; docs/samples.md is not checked.\n');

test.skipIf(samples === null)('the page on the sample recordings says what becomes of them', async () => {
  expect(textOf('docs/samples.md'), STALE).toBe(await renderSamples(samples ?? ''));
});
