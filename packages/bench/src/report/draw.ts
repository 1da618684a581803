/** One picture per measure: where each figure stands, and its goal; drawn by hand, so that nothing has to be installed. */
import { type MeasureReport, type RowReport, reached, unjudgedBy } from './report.ts';
import { figure, goalText, verdictOf } from './table.ts';

const WIDTH = 920;
/** Beside the longest name (of the loop measure). */
const LEFT = 340;
const SPAN = 320;
const VALUE = LEFT + SPAN + 20;
const FIGURE = VALUE + 76;
const TOP = 52;
const SUBTITLE = 24;
const BAR = 14;
/** A goal stands at two thirds of the width in every row; further than this it is not drawn. */
const TIMES_GOAL_MAX = 1.5;
const INK = '#1b2330';
const SOFT = '#566072';
const TRACK = '#eef1f5';
/** Each with its word: never colour alone. */
const COLORS = { met: '#0f766e', missed: '#c2571a', unjudged: '#8a6d1f', none: '#7d8da3' } as const;

interface Scale {
  readonly from: number;
  readonly to: number;
}

/** A row as it is drawn. */
interface Bar {
  readonly row: RowReport;
  /** What has the goal; without one the ratio. */
  readonly of: 'ratio' | 'figure';
  readonly shown: { readonly median: number; readonly min: number; readonly max: number };
  readonly verdict: keyof typeof COLORS;
  /** Where the mark stands, and what it says: the goal, or `1 ×`, the same as the baseline. */
  readonly mark: number;
  readonly label: string;
  readonly scale: Scale;
}

export const pictureName = (measure: MeasureReport): string => `bench-${measure.name}.svg`;

/** What has neither a ratio nor a goal is in the table alone. */
const isDrawn = ({ ratio, goal }: RowReport): boolean => ratio !== undefined || goal !== undefined;
export const hasPicture = ({ rows }: MeasureReport): boolean => rows.some(isDrawn);

/** SVG; it brings its own background, so it is legible on a light and on a dark page. */
export function draw(measure: MeasureReport): string {
  const rows = measure.rows.filter(isDrawn);
  const common = commonScale(rows);
  const bars = rows.map((row) => barOf(row, measure, common));
  const nameOf = (key: string | undefined) => measure.rows.find((row) => row.key === key)?.name ?? '';
  const base = measure.rows.find(({ key }) => key === rows[0]?.over);
  const isCommon = rows.length > 1 && rows.every(({ over, goal }) => over === base?.key && goal === undefined);
  const height = isCommon ? 26 : 48;
  const end = TOP + (isCommon ? SUBTITLE : 0) + bars.length * height;
  const whole = end + 50;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${whole}" width="${WIDTH}" height="${whole}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(measure.title)}</title>`,
    `<rect width="${WIDTH}" height="${whole}" rx="6" fill="#ffffff"/>`,
    text(16, 28, measure.title, INK, 'font-size="15" font-weight="600"'),
    isCommon && base ? text(16, 48, `of: ${base.name}, ${figureText(base)}`, SOFT, 'font-size="12"') : '',
    ...bars.map((bar, i) =>
      isCommon
        ? oneLine(bar, TOP + SUBTITLE + i * height, i === 0)
        : twoLines(bar, measure, TOP + i * height, nameOf(bar.row.over)),
    ),
    ...legend(bars, measure.rounds, end + 16),
    '</svg>',
    '',
  ].join('\n');
}

function barOf(row: RowReport, measure: MeasureReport, common: Scale): Bar {
  const { goal, ratio } = row;
  const of = goal?.of ?? 'ratio';
  const shown = (of === 'ratio' ? ratio : undefined) ?? row.figure;
  const met = reached(row);
  if (goal === undefined) return { row, of, shown, verdict: 'none', mark: 1, label: '1 ×', scale: common };
  const mark = goal.atLeast ?? goal.atMost ?? 0;
  const scale = { from: Math.min(0, shown.min), to: mark * TIMES_GOAL_MAX };
  const judged = met ? 'met' : 'missed';
  const verdict = unjudgedBy(row, measure) === null ? judged : 'unjudged';
  return { row, of, shown, verdict, mark, label: `goal ${goalText(row)}`, scale };
}

/** Of all rows without a goal; the baseline itself, 1 ×, is always on it. */
function commonScale(rows: readonly RowReport[]): Scale {
  const ratios = rows.flatMap(({ goal, ratio }) => (goal === undefined && ratio ? [ratio] : []));
  return { from: Math.min(0, ...ratios.map(({ min }) => min)), to: Math.max(1, ...ratios.map(({ max }) => max)) };
}

function twoLines(bar: Bar, measure: MeasureReport, y: number, base: string): string {
  const { row, of, verdict } = bar;
  const ratio = row.ratio === undefined || of === 'ratio' ? '' : `${figure(row.ratio.median)} × `;
  return [
    text(16, y + 25, row.name),
    base === '' ? '' : text(16, y + 40, `${ratio}of: ${base}`, SOFT, 'font-size="11"'),
    ...plot(bar, y + 14, true),
    text(VALUE, y + 25, shownText(bar), INK, 'font-weight="600"'),
    of === 'ratio' ? text(FIGURE, y + 25, figureText(row), SOFT, 'font-size="12"') : '',
    row.goal === undefined
      ? ''
      : text(VALUE, y + 40, verdictOf(row, measure), COLORS[verdict], 'font-size="12" font-weight="600"'),
  ].join('');
}

/** Where all is divided by the same and has no goal, the baseline is told above. */
const oneLine = (bar: Bar, y: number, isFirst: boolean): string =>
  [
    text(16, y + 15, bar.row.name),
    ...plot(bar, y + 4, isFirst),
    text(VALUE, y + 15, shownText(bar), INK, 'font-weight="600"'),
    text(FIGURE, y + 15, figureText(bar.row), SOFT, 'font-size="12"'),
  ].join('');

/** The bar from zero to the median, the line from the lowest to the highest round, the mark. */
function plot({ shown, verdict, mark, label, scale, row }: Bar, y: number, isLabelled: boolean): readonly string[] {
  const { from, to } = scale;
  const x = (value: number): number => LEFT + ((Math.min(value, to) - from) / (to - from)) * SPAN;
  const [zero, end, middle] = [x(0), x(shown.median), y + BAR / 2];
  const rect = (left: number, right: number, fill: string) =>
    `<rect x="${round(left)}" y="${y}" width="${round(right - left)}" height="${BAR}" fill="${fill}"/>`;
  const line = (x1: number, y1: number, x2: number, y2: number, more = '') =>
    `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${INK}" ${more}/>`;
  const above = (value: number, words: string) =>
    text(x(value), y - 6, words, SOFT, 'font-size="11" text-anchor="middle"');
  const cap = (value: number) => (value > to ? [] : [line(x(value), middle - 3, x(value), middle + 3)]);
  const spread =
    shown.min === shown.max
      ? []
      : [line(x(shown.min), middle, x(shown.max), middle), ...cap(shown.min), ...cap(shown.max)];
  const dashed = row.goal === undefined ? '' : 'stroke-width="1.5" stroke-dasharray="4 2"';
  return [
    rect(LEFT, LEFT + SPAN, TRACK),
    rect(Math.min(zero, end), Math.max(zero, end), COLORS[verdict]),
    from < 0 ? line(zero, y - 3, zero, y + BAR + 3) : '',
    ...spread,
    shown.max > to ? arrow(LEFT + SPAN, middle, shown.median > to ? COLORS[verdict] : INK) : '',
    line(x(mark), y - 4, x(mark), y + BAR + 4, dashed),
    isLabelled ? above(mark, label) + (from < 0 ? above(0, '0') : '') : '',
  ];
}

/** It goes on beyond what is drawn. */
const arrow = (x: number, y: number, fill: string): string => `<path d="M${x} ${y - 7} l9 7 l-9 7 z" fill="${fill}"/>`;

/** What of the colours, marks and scales is in the picture. */
function legend(bars: readonly Bar[], rounds: number, y: number): readonly string[] {
  const has = (verdict: Bar['verdict']) => bars.some((bar) => bar.verdict === verdict);
  const part = (isThere: boolean, words: string) => (isThere ? [words] : []);
  const colored = (verdict: Bar['verdict'], words: string) =>
    part(has(verdict), `<tspan fill="${COLORS[verdict]}">■</tspan> ${words}`);
  const signs = [
    rounds > 1 ? `bar: median of ${rounds} rounds` : 'bar: one round',
    ...part(rounds > 1, 'line in it: lowest to highest round'),
    ...part(
      bars.some(({ shown, scale }) => shown.max > scale.to),
      '▶ goes on beyond the picture',
    ),
    ...colored('met', 'goal met'),
    ...colored('missed', 'goal missed'),
    ...colored('unjudged', 'goal not judged'),
    ...colored('none', 'no goal'),
  ];
  const scales = [
    ...part(has('met') || has('missed') || has('unjudged'), 'each row with a goal is drawn on a scale of its own'),
    ...part(has('none'), 'rows without a goal share one scale, where 1 × is what each is compared with'),
  ];
  return [signs, scales].map(
    (parts, i) => `<text x="16" y="${y + i * 16}" fill="${SOFT}" font-size="11">${parts.join(' · ')}</text>`,
  );
}

const shownText = ({ of, shown, row }: Bar): string => (of === 'ratio' ? `${figure(shown.median)} ×` : figureText(row));
const figureText = ({ figure: own, unit }: RowReport): string => `${figure(own.median)} ${unit}`;

const text = (x: number, y: number, words: string, fill: string = INK, more = ''): string =>
  `<text x="${round(x)}" y="${y}" fill="${fill}" ${more}>${escaped(words)}</text>`;
const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (value: number): string => String(Math.round(value * 10) / 10);
