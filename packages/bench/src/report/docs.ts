/** The page in docs, its pictures, and the copy of the figures that they are checked against. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.ts';
import { reportText } from './json.ts';
import { pageWith, picturesOf } from './page.ts';
import { type Report, readReport } from './report.ts';

/** @param page name without an ending @returns what was written, in words @throws BenchError where the page would lose by it; nothing is written then */
export function drawDocs(docs: string, page: string, report: Report): string {
  const [text, figures] = [join(docs, `${page}.md`), join(docs, `${page}.json`)];
  checkFigures(report, existsSync(figures) ? readReport(figures) : { version: 1, measures: [] }, figures);
  const pictures = picturesOf(report);
  writeFileSync(text, pageWith(readFileSync(text, 'utf8'), report));
  for (const [name, picture] of pictures) writeFileSync(join(docs, 'images', name), picture);
  writeFileSync(figures, reportText(report));
  return `Written from ${report.measures.length} measures: ${text}, ${figures}, ${pictures.size} pictures in ${join(docs, 'images')}.`;
}

function checkFigures({ measures }: Report, kept: Report, figures: string): void {
  const names = (found: Report['measures']) => found.map(({ name }) => name).join(', ');
  const quick = measures.filter((measure) => measure.quick);
  if (quick.length > 0)
    throw new BenchError(
      `These figures are of a quick run, too small to mean anything: ${names(quick)}. For the docs measure without --quick.`,
    );
  const lost = kept.measures.filter(({ name }) => measures.every((each) => each.name !== name));
  if (lost.length > 0)
    throw new BenchError(
      `The page would lose ${names(lost)}, which this file does not hold. Measure with --json ${figures}, where what is not measured again stays, and draw from that.`,
    );
}
