/** The page in docs, its pictures, and the copy of the figures that they are checked against. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.ts';
import { reportText } from './json.ts';
import { pageWith, picturesOf } from './page.ts';
import { checkPlace, type Report, readReport } from './report.ts';

/**
 * @param folder where page and figures go; those that are there are replaced
 * @param page name without an ending
 * @param docs where the words of the page are from, if the folder has no such page
 * @returns what was written, in words
 * @throws BenchError where the page would lose by it or cannot be written; nothing is written then
 */
export function drawDocs(folder: string, page: string, report: Report, docs: string = folder): string {
  const [text, figures, images] = [join(folder, `${page}.md`), join(folder, `${page}.json`), join(folder, 'images')];
  checkFigures(report, existsSync(figures) ? readReport(figures) : { version: 1, measures: [] }, figures);
  const pictures = picturesOf(report);
  const words = readFileSync(existsSync(text) ? text : join(docs, `${page}.md`), 'utf8');
  const files: readonly (readonly [file: string, content: string])[] = [
    [text, pageWith(words, report)],
    ...[...pictures].map(([name, picture]) => [join(images, name), picture] as const),
    [figures, reportText(report)],
  ];
  try {
    mkdirSync(images, { recursive: true });
    for (const [file] of files) checkPlace(file);
    for (const [file, content] of files) writeFileSync(file, content);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BenchError(`${why} (Name a folder of yours with --into FOLDER.)`);
  }
  return `Written from ${report.measures.length} measures: ${text}, ${figures}, ${pictures.size} pictures in ${images}.`;
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
