/** As much of Gherkin as the CloudEvents conformance features use: steps with a doc string or a table, outlines with examples. */
export interface Step {
  readonly text: string;
  readonly doc: string;
  readonly table: readonly (readonly string[])[];
}
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

interface Draft {
  name: string;
  steps: { text: string; doc: string; table: string[][] }[];
  examples: string[][] | null;
}

export function scenariosOf(feature: string): readonly Scenario[] {
  const drafts: Draft[] = [];
  let doc: string[] | null = null;
  for (const line of feature.split('\n')) {
    const text = line.trim();
    const draft = drafts.at(-1);
    const step = draft?.steps.at(-1);
    if (text === '"""') {
      if (doc && step) step.doc = dedent(doc);
      doc = doc ? null : [];
    } else if (doc) doc.push(line);
    else if (/^Scenario( Outline)?:/.test(text))
      drafts.push({ name: text.replace(/^[^:]*: */, ''), steps: [], examples: null });
    else if (text === 'Examples:' && draft) draft.examples = [];
    else if (/^(Given|When|Then|And) /.test(text))
      draft?.steps.push({ text: text.replace(/^\w+ /, ''), doc: '', table: [] });
    else if (text.startsWith('|')) (draft?.examples ?? step?.table)?.push(cellsOf(text));
  }
  return drafts.flatMap(scenarios);
}

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

function dedent(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join('\n');
}

function scenarios({ name, steps, examples }: Draft): readonly Scenario[] {
  const [names, ...rows] = examples ?? [[], []];
  return rows.map((row) => {
    const fill = (text: string): string =>
      (names ?? []).reduce((filled, column, i) => filled.replaceAll(`<${column}>`, row[i] ?? ''), text);
    return {
      name: fill(name),
      steps: steps.map((step) => ({
        text: fill(step.text),
        doc: fill(step.doc),
        table: step.table.map((cells) => cells.map(fill)),
      })),
    };
  });
}
