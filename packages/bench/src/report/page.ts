/** docs/benchmarks.md: the figures stand between markers, and are only ever written from the JSON. */
import { BenchError } from '../errors.ts';
import { draw, hasPicture, pictureName } from './draw.ts';
import type { MeasureReport, Report } from './report.ts';
import { markdownTable } from './table.ts';

const markers = (name: string) => ({ begin: `<!-- bench:${name} -->`, end: '<!-- bench:end -->' });

/** The page with the figures of the report in place of those that it has. @throws BenchError where a marker has no end */
export function pageWith(page: string, { measures }: Report): string {
  return page.replaceAll(
    /<!-- bench:(?!end)([a-z]+) -->\n[\s\S]*?(<!-- bench:end -->|$)/g,
    (_all, name: string, ended) => {
      if (ended === '') throw new BenchError(`The marker of ${name} has no end; put <!-- bench:end --> after it.`);
      const { begin, end } = markers(name);
      const measure = measures.find((each) => each.name === name);
      return `${begin}\n\n${measure ? section(measure) : 'Not measured yet.'}\n\n${end}`;
    },
  );
}

export const picturesOf = ({ measures }: Report): ReadonlyMap<string, string> =>
  new Map(measures.filter(hasPicture).map((measure) => [pictureName(measure), draw(measure)]));

function section(measure: MeasureReport): string {
  const { at, commit, machine, load, rounds, notes } = measure;
  const { processor, cores, memoryGiB, system, node } = machine;
  const where = `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`;
  const how = `${rounds} ${rounds === 1 ? 'round' : 'rounds'} on ${at.slice(0, 10)} at commit ${commit}; ${where}; load average ${load.before} before and ${load.after} after.`;
  return [
    ...(hasPicture(measure) ? [`![${measure.title}](images/${pictureName(measure)})`] : []),
    markdownTable(measure),
    how,
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n');
}
