/** `npm run bench`: measures, each against a baseline of the same round, as tables and as JSON. */
import { isAbsolute, resolve } from 'node:path';
import { type Known, measured } from './bench.ts';
import { BenchError } from './errors.ts';
import { optionsOf, USAGE } from './options.ts';
import { drawDocs } from './report/docs.ts';
import { checkWritable, type MeasureReport, readReportOf, writeReport } from './report/report.ts';
import { textTable } from './report/table.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');

/** npm puts us into the project's root; paths belong to where the user stands. */
const userPath = (path: string): string =>
  isAbsolute(path) ? path : resolve(process.env.COACHLOOP_CWD ?? process.cwd(), path);

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  const { suite, only, long, help, draw, json } = options;
  if (help) return console.log(USAGE);
  const names = suite.measures.map(({ name }) => name);
  if (draw !== null) return console.log(drawDocs(DOCS, suite.page, readReportOf(userPath(draw), names)));
  if (json !== null) checkWritable(userPath(json), names);
  const known: Known = { greatest: null };
  const chosen = suite.measures.filter(({ name, long: isLong }) => only?.includes(name) ?? (long || isLong !== true));
  const made: MeasureReport[] = [];
  for (const spec of chosen) {
    const report = await measured(spec, options, known, (text) => process.stderr.write(`${text}\n`));
    made.push(report);
    console.log(`${textTable(report)}\n`);
    // After each: what took an hour must not be lost to the one that follows.
    if (json !== null) writeReport(userPath(json), made, names);
  }
}

// A signal ends a process without its `exit`, where others are ended and folders removed.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
