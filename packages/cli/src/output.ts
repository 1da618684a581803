/** What a command says: data for programs on stdout, progress and remarks for people on stderr. */

/** One JSON document, for `--json`. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};
export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
export const remark = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A table for people: columns as wide as they need, Chinese characters counted as two. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  printLine(line(header));
  for (const row of rows) printLine(line(row));
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/gu;
const width = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0);

const REDRAW_MS = 200;
/** A speed of less is chance. */
const SPEED_MS_MIN = 1_000;

/** A line that is rewritten in a terminal; elsewhere a line now and then, so that a log does not fill. */
export class Progress {
  readonly #what: string;
  readonly #unit: string;
  readonly #startedMs = performance.now();
  /** What was there at the first word is not this run's work. */
  #first: { readonly done: number; readonly atMs: number } | null = null;
  #drawnMs = 0;
  #everyMs = process.stderr.isTTY ? REDRAW_MS : 10_000;

  /** `unit`: what is counted, where the name does not say so. */
  constructor(what: string, unit = '') {
    this.#what = what;
    this.#unit = unit;
  }
  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }
  update(done: number, total: number | null, rest = ''): void {
    const nowMs = performance.now();
    this.#first ??= { done, atMs: nowMs };
    if (nowMs - this.#drawnMs < this.#everyMs) return;
    this.#drawnMs = nowMs;
    this.#write(this.#text(done, total, rest));
  }
  end(done: number, total: number | null, rest = ''): void {
    this.#write(this.#text(done, total, rest));
    if (process.stderr.isTTY) process.stderr.write('\n');
  }
  #text(done: number, total: number | null, rest: string): string {
    const share = total ? ` of ${total} (${Math.floor((done / total) * 100)} %)` : '';
    const unit = this.#unit === '' ? '' : ` ${this.#unit}`;
    return [`${this.#what}: ${done}${share}${unit}`, ...this.#speed(done), ...(rest === '' ? [] : [rest])].join(', ');
  }
  #speed(done: number): readonly string[] {
    if (this.#first === null) return [];
    const ms = performance.now() - this.#first.atMs;
    return ms < SPEED_MS_MIN ? [] : [`${Math.round(((done - this.#first.done) / ms) * 1000)}/s`];
  }
  #write(text: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
  }
}
