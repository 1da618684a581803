/** `npm run bench`: measures, each against a baseline of the same round, as tables and as JSON. */
import { isAbsolute, resolve } from 'node:path';
import { type Known, measured } from './bench.ts';
import { BenchError, UsageError } from './errors.ts';
import { commandOf, type Options, optionsOf, USAGE } from './options.ts';
import { drawDocs } from './report/docs.ts';
import { checkWritable, type MeasureReport, readReportOf, writeReport } from './report/report.ts';
import { textTable } from './report/table.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npm puts us into the project's root; paths belong to where the user stands. */
const userPath = (path: string): string =>
  isAbsolute(path) ? path : resolve(process.env.COACHLOOP_CWD ?? process.cwd(), path);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  const { suite, only, long, help, draw, into, json } = options;
  if (help) return console.log(USAGE);
  const names = suite.measures.map(({ name }) => name);
  if (draw !== null) {
    const folder = into === null ? DOCS : userPath(into);
    return console.log(drawDocs(folder, suite.page, readReportOf(userPath(draw), names), DOCS));
  }
  if (json !== null) checkWritable(userPath(json), names);
  const known: Known = { greatest: null, isFirst: true };
  const chosen = suite.measures.filter(({ name, long: isLong }) => only?.includes(name) ?? (long || isLong !== true));
  const left = new Set(chosen.map(({ name }) => name));
  const made: MeasureReport[] = [];
  onStop((signal) => say(stoppedLine(signal, made, [...left], options)));
  for (const spec of chosen) {
    const report = await measured(spec, options, known, say);
    made.push(report);
    left.delete(spec.name);
    console.log(`${textTable(report)}\n`);
    // After each: what took an hour must not be lost to the one that follows.
    if (json !== null) writeReport(userPath(json), made, names);
  }
}

function stoppedLine(signal: string, made: readonly MeasureReport[], left: readonly string[], options: Options) {
  const done = made.length === 0 ? 'nothing is measured' : `measured: ${made.map(({ name }) => name).join(', ')}`;
  const kept = made.length > 0 && options.json !== null ? `, kept in ${options.json}` : '';
  return `bench: STOPPED by ${signal}; ${done}${kept}; to go on: ${commandOf(left, options)}`;
}

/** A signal ends a process without its `exit`, where others are ended and folders removed. One key press may come several times. */
function onStop(tell: (signal: string) => void): void {
  for (const [signal, code] of Object.entries(EXIT_CODES))
    process.on(signal, () => {
      tell(signal);
      process.exit(code);
    });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  say(`bench: ${error.message}`);
  if (error instanceof UsageError) say('npm run bench -- --help tells what can be asked.');
  process.exitCode = 2;
}
