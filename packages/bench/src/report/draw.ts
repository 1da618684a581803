/** One picture per measure: each ratio as a bar with its spread, and its goal; drawn by hand, so that nothing has to be installed. */
import { type MeasureReport, type RowReport, reached } from './report.ts';
import { figure } from './table.ts';

const WIDTH = 800;
/** Beside the longest name; the one of the loop measure needs this much. */
const LEFT = 340;
const RIGHT = 90;
const ROW = 30;
const TOP = 44;
const SPAN = WIDTH - LEFT - RIGHT;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (value: number): string => String(Math.round(value * 10) / 10);

export const pictureName = (measure: MeasureReport): string => `bench-${measure.name}.svg`;

/** SVG; it is legible on a light and on a dark page. */
export function draw(measure: MeasureReport): string {
  const rows = measure.rows.filter(({ ratio }) => ratio !== undefined);
  const most = Math.max(...rows.map(({ ratio, goal }) => Math.max(ratio?.max ?? 0, goalOf(goal) ?? 0)));
  const x = (value: number): number => LEFT + (Math.max(0, value) / most) * SPAN;
  const height = TOP + rows.length * ROW + 14;
  const bars = rows.map((row, i) => bar(row, TOP + i * ROW, x));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(measure.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="15" font-weight="600" fill="#1b2330">${escaped(measure.title)}: ratios, median and spread</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

const goalOf = (goal: RowReport['goal']): number | undefined =>
  goal?.of === 'ratio' ? (goal.atLeast ?? goal.atMost) : undefined;

function bar(row: RowReport, y: number, x: (value: number) => number): string {
  const { name, ratio, goal } = row;
  if (ratio === undefined) return '';
  const [middle, aim] = [y + ROW / 2, goalOf(goal)];
  const fill = reached(row) === false ? '#c2571a' : '#2f6fb0';
  const line = (from: number, to: number) =>
    `<line x1="${round(x(from))}" x2="${round(x(to))}" y1="${middle}" y2="${middle}" stroke="#1b2330" stroke-width="1.5"/>`;
  const mark = (value: number, color: string, more = '') =>
    `<line x1="${round(x(value))}" x2="${round(x(value))}" y1="${y + 3}" y2="${y + ROW - 3}" stroke="${color}" ${more}/>`;
  return [
    `<text x="${LEFT - 10}" y="${middle + 4}" text-anchor="end" fill="#1b2330">${escaped(name)}</text>`,
    `<rect x="${LEFT}" y="${y + 7}" width="${round(x(ratio.median) - LEFT)}" height="${ROW - 14}" fill="${fill}"/>`,
    line(ratio.min, ratio.max),
    aim === undefined ? '' : mark(aim, '#1b2330', 'stroke-dasharray="3 3"'),
    `<text x="${WIDTH - RIGHT + 8}" y="${middle + 4}" fill="#1b2330">${figure(ratio.median)} ×</text>`,
  ].join('');
}
