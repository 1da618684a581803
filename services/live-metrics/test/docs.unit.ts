/** The document and the code name the same figures. */
import { readFileSync } from 'node:fs';
import { FIGURE_IDS, FIGURES, LOOP_TIMES, TOPIC_OF_TYPE } from '@coachloop/contracts';
import { expect, test } from 'vitest';
import { WAIT_BOUNDS_SECONDS } from '../src/domain/counts-call.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';

const text = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

/** Rows of the table whose first column has this heading. */
function table(heading: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('docs/metrics.md has one row for each figure, with its unit and window, in the same order', () => {
  const rows = table('figure').map(([figure, unit, window]) => ({ figure, unit, window }));
  expect(rows).toEqual(
    FIGURE_IDS.map((id) => ({ figure: `\`${id}\``, unit: FIGURES[id].unit, window: FIGURES[id].window })),
  );
  for (const [figure, , , formula, known] of table('figure')) {
    expect(formula, figure).not.toBe('');
    expect(known, figure).not.toBe('');
  }
});

test('docs/metrics.md has one row for each time of the loop', () => {
  expect(table('time').map(([time]) => time)).toEqual(LOOP_TIMES.map((id) => `\`${id}\``));
});

test('the event types and waits it names are those of the code', () => {
  const types = text.match(/`(call|qa|training|evaluation)\.[a-z.]+[a-z]`/g) ?? [];
  expect(types.length).toBeGreaterThan(5);
  for (const quoted of types) expect(TOPIC_OF_TYPE[quoted.slice(1, -1)], quoted).toBeDefined();
  const flat = text.replaceAll(/\s+/g, ' ');
  const list = `${WAIT_BOUNDS_SECONDS.slice(0, -1).join(', ')} and ${WAIT_BOUNDS_SECONDS.at(-1)} seconds`;
  expect(flat).toContain(list);
  expect(flat).toContain(`≤ ${DEFAULT_POLICY.serviceLevelSeconds} `);
});
