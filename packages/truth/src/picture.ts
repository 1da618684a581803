/** Precision and recall over calls per agent, as an SVG that reads on white and on black. */
import { interval95, type Measured, ratioOf, type Share } from './measure.ts';

const [WIDTH, HEIGHT] = [860, 380];
const PANEL = { top: 64, width: 330, height: 240 } as const;
const LEFTS = [56, 480] as const;
const COLOURS = { scoring: '#1864ab', oracle: '#2b8a3e' } as const;

export interface Curves {
  readonly title: string;
  /** At every point of time. */
  readonly scoring: Measured;
  readonly oracle: Measured;
}

export function draw({ title, scoring, oracle }: Curves): string {
  const panels = [
    { name: 'precision', of: (measured: Measured) => measured.at.map(({ precision }) => precision) },
    { name: 'recall', of: (measured: Measured) => measured.at.map(({ recall }) => recall) },
  ];
  const calls = scoring.at.map((at) => at.calls);
  const body = panels.flatMap(({ name, of }, i) => {
    const left = LEFTS[i] ?? 0;
    return [
      frame(name, left, calls),
      curve(calls, of(oracle), left, COLOURS.oracle, true),
      curve(calls, of(scoring), left, COLOURS.scoring, false),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="56" y="26" font-size="15" font-weight="600" fill="#212529">${title}</text>
${body.join('\n')}
${legend()}
</svg>
`;
}

const yOf = (share: number): number => PANEL.top + PANEL.height * (1 - share);
const xOf = (call: number, calls: readonly number[], left: number): number =>
  left + (PANEL.width * call) / Math.max(...calls);
const at = (value: number): string => value.toFixed(1);

function frame(name: string, left: number, calls: readonly number[]): string {
  const lines = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
    const y = at(yOf(share));
    const colour = share === 0.8 ? '#e8590c' : '#dee2e6';
    return `<line x1="${left}" x2="${left + PANEL.width}" y1="${y}" y2="${y}" stroke="${colour}"${share === 0.8 ? ' stroke-dasharray="5 4"' : ''}/><text x="${left - 8}" y="${at(yOf(share) + 4)}" text-anchor="end" fill="#495057">${share.toFixed(1)}</text>`;
  });
  const ticks = calls
    .filter((call) => call % 10 === 0)
    .map(
      (call) =>
        `<text x="${at(xOf(call, calls, left))}" y="${PANEL.top + PANEL.height + 20}" text-anchor="middle" fill="#495057">${call}</text>`,
    );
  return `<text x="${left}" y="${PANEL.top - 12}" fill="#212529">${name}</text>${lines.join('')}${ticks.join('')}<text x="${left + PANEL.width}" y="${PANEL.top + PANEL.height + 40}" text-anchor="end" fill="#495057">calls per agent</text>`;
}

/** The line, with its 95 % interval as a band. Points where nothing was counted are left out. */
function curve(
  calls: readonly number[],
  shares: readonly Share[],
  left: number,
  colour: string,
  dashed: boolean,
): string {
  const points = shares.flatMap((share, i) => {
    const [value, interval, call] = [ratioOf(share), interval95(share), calls[i]];
    return value === null || interval === null || call === undefined
      ? []
      : [{ x: at(xOf(call, calls, left)), value, ...interval }];
  });
  const line = points.map(({ x, value }) => `${x},${at(yOf(value))}`).join(' ');
  const band = [
    ...points.map(({ x, high }) => `${x},${at(yOf(high))}`),
    ...points.toReversed().map(({ x, low }) => `${x},${at(yOf(low))}`),
  ].join(' ');
  return `<polygon points="${band}" fill="${colour}" opacity="0.14"/><polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="7 4"' : ''}/>`;
}

function legend(): string {
  const y = HEIGHT - 16;
  const entry = (x: number, colour: string, text: string, dash: string) =>
    `<line x1="${x}" x2="${x + 34}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2"${dash}/><text x="${x + 42}" y="${y}" fill="#212529">${text}</text>`;
  return [
    entry(56, COLOURS.scoring, 'as scored by the forms', ''),
    entry(280, COLOURS.oracle, 'with perfect scoring', ' stroke-dasharray="7 4"'),
    entry(500, '#e8590c', 'asked for at 20 calls', ' stroke-dasharray="5 4"'),
  ].join('');
}
