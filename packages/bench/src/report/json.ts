/** A report as text, in the form in which the formatter leaves it: made again, it shows no other change than its figures. */
import type { Report } from './report.ts';

const WIDTH = 120;
/** An array without objects in it, one item a line. */
const PLAIN_ARRAY = /^( *)("\w+": )\[\n((?:\1 {2}[^{[\n][^\n]*\n)+)\1\](,?)$/gm;

export const reportText = (report: Report): string =>
  `${JSON.stringify(report, null, 2)}\n`.replace(PLAIN_ARRAY, (all, indent: string, key: string, body: string, end) => {
    const items = body.trim().split(/\n */);
    const flat = `${indent}${key}[${items.join(' ')}]${end}`;
    if (flat.length <= WIDTH) return flat;
    return items[0]?.startsWith('"')
      ? all
      : `${indent}${key}[\n${filled(items, `${indent}  `).join('\n')}\n${indent}]${end}`;
  });

/** As many on each line as there is room for. */
function filled(items: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    const longer = `${lines.at(-1)} ${item}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(indent + item);
  }
  return lines;
}
