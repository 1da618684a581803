/** docs/benchmarks.md: the figures stand between markers, and are only ever written from the JSON. */
import { BenchError } from '../errors.ts';
import { draw, hasPicture, pictureName } from './draw.ts';
import type { MeasureReport, Report } from './report.ts';
import { busyLines, markdownTable, othersText } from './table.ts';

const markers = (name: string) => ({ begin: `<!-- bench:${name} -->`, end: '<!-- bench:end -->' });
/** The place that tells of which commits the measures are; all others are named after a measure. */
const COMMITS = 'commits';

/** The page with the figures of the report in place of those that it has. @throws BenchError where a marker has no end */
export function pageWith(page: string, { measures }: Report): string {
  return page.replaceAll(
    /<!-- bench:(?!end)([a-z]+) -->\n[\s\S]*?(<!-- bench:end -->|$)/g,
    (_all, name: string, ended) => {
      if (ended === '') throw new BenchError(`The marker of ${name} has no end; put <!-- bench:end --> after it.`);
      const { begin, end } = markers(name);
      if (name === COMMITS) return `${begin}\n\n${commitsText(measures)}\n\n${end}`;
      const measure = measures.find((each) => each.name === name);
      return `${begin}\n\n${measure ? section(measure) : 'Not measured yet.'}\n\n${end}`;
    },
  );
}

export const picturesOf = ({ measures }: Report): ReadonlyMap<string, string> =>
  new Map(measures.filter(hasPicture).map((measure) => [pictureName(measure), draw(measure)]));

/** Measures can be made one by one, so they need not be of one commit. */
function commitsText(measures: Report['measures']): string {
  const groups = Map.groupBy(measures, ({ commit }) => commit);
  if (groups.size === 0) return 'Nothing is measured yet.';
  if (groups.size === 1) return `All tables are of commit \`${[...groups.keys()].join()}\`.`;
  const parts = [...groups].map(([commit, group]) => `\`${commit}\` (${group.map(({ name }) => name).join(', ')})`);
  return `The tables were not all made at once; they are of the commits ${parts.join(' and ')}.`;
}

function section(measure: MeasureReport): string {
  const { at, commit, machine, load, rounds, notes } = measure;
  const { processor, cores, memoryGiB, system, node } = machine;
  const where = `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`;
  const how = `${rounds} ${rounds === 1 ? 'round' : 'rounds'} on ${at.slice(0, 10)} at commit ${commit}; ${where}; load average ${load.before} before and ${load.after} after; ${othersText(measure)}.`;
  return [
    ...(hasPicture(measure) ? [`![${measure.title}](images/${pictureName(measure)})`] : []),
    markdownTable(measure),
    ...busyLines(measure).map((line) => `**${line}**`),
    how,
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n');
}
