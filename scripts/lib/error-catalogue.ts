import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync } from 'vite';
import { root } from './workspaces.ts';

/** One code of one catalogue; a code may stand in several, with what it means there. */
export type Entry = { code: string; where: string; status: number | null; title: string; whatToDo: string };

/** Every `…_ERRORS` and `…_WARNINGS` that an `errors.ts` exports. A new service's catalogue is found by being there. */
export async function readCatalogues(): Promise<Entry[]> {
  const files = globSync('{packages,services}/*/src/**/errors.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
  const entries = await Promise.all(files.map(entriesOf));
  const seen = new Set<string>();
  // A service that gathers its domain's table into its own exports the same entries twice.
  return entries.flat().filter(({ code, where }) => !seen.has(`${where} ${code}`) && seen.add(`${where} ${code}`));
}

async function entriesOf(file: string): Promise<Entry[]> {
  const where = basename(file.split('/src/')[0] ?? '');
  const exported: Record<string, unknown> = await import(pathToFileURL(join(root, file)).href);
  return Object.entries(exported)
    .filter(([name]) => /_(ERRORS|WARNINGS)$/.test(name))
    .flatMap(([name, table]) =>
      Object.entries(table as object).map(([code, entry]) => readEntry(`${file}: ${name}.${code}`, code, where, entry)),
    );
}

/** Throws a plain Error that names the place if a field is missing: then a reader would find nothing. */
function readEntry(place: string, code: string, where: string, entry: Record<string, unknown>): Entry {
  const { status = null, title = entry.summary, whatToDo } = entry;
  if (typeof title !== 'string' || typeof whatToDo !== 'string') throw new Error(`${place} needs title and whatToDo`);
  if (status !== null && typeof status !== 'number') throw new Error(`${place}: status is no number`);
  return { code, where, status, title: title.replace(/\.$/, ''), whatToDo };
}

/** As `problemType` of service-kit links to it. */
export const anchorOf = (code: string): string => code.toLowerCase().replaceAll('_', '-');

const INTRO = `# Errors

Every error has a stable code. Over HTTP it stands in an RFC 9457 problem: \`code\`, a \`detail\` that names the input, a
\`pointer\` to the field where one is to blame, and a \`type\` that links to this page (the platform serves it at
\`/docs/errors\`). On the command line it stands at the end of the message, in brackets. In a dead letter it is the reason.

This page is made from the tables in the sources by \`npm run docs\`; correct it there.
`;

export function renderCatalogue(entries: readonly Entry[]): string {
  const byCode = Map.groupBy(
    [...entries].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)),
    ({ code }) => code,
  );
  return `${INTRO}\n${[...byCode].map(([code, list]) => renderCode(code, list)).join('\n')}`;
}

function renderCode(code: string, list: readonly Entry[]): string {
  const meanings = list.map(({ where, status, title, whatToDo }) => {
    const answered = status === null ? where : `${where}, HTTP ${status}`;
    return `**${title}.** ${whatToDo} _(${answered})_\n`;
  });
  return `<a id="${anchorOf(code)}"></a>\n\n### ${code}\n\n${meanings.join('\n')}`;
}

/** Texts that look like a code and are none: names of variables, of SQLite's and Node's codes. */
const NOT_OURS =
  /^(COACHLOOP|KAFKA|MONGODB|OTEL|SQLITE|ERR|FST_ERR|UND_ERR|LOG_LEVEL|NO_COLOR|NODE|INIT_CWD|CHROME_PATH)(_|$)|^E[A-Z]+$|^SIG[A-Z]+$/;
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** Adapters of servers also know the words of those servers, such as UNKNOWN_MEMBER_ID. */
const ADAPTER = /^packages\/(event-log|document-store)\/src\/(kafka|mongo)\//;
const OF_A_PORT = /^(LOG|STORE)_/;

/** Every code that stands as a text in the sources, with the file in which it was met first. */
export function codesInSources(): Map<string, string> {
  const found = new Map<string, string>();
  const files = globSync('{packages,services}/*/src/**/*.ts', { cwd: root });
  for (const file of files.map((name) => name.replaceAll('\\', '/')).sort())
    for (const code of codesIn(file, readFileSync(join(root, file), 'utf8')))
      if (!found.has(code) && !(ADAPTER.test(file) && !OF_A_PORT.test(code))) found.set(code, file);
  return found;
}

/** The texts of one source that have the form of a code. */
export function codesIn(file: string, source: string): string[] {
  const codes: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type, value } = node as { type?: string; value?: unknown };
    if (type === 'Literal' && typeof value === 'string' && CODE.test(value) && !NOT_OURS.test(value)) codes.push(value);
    Object.values(node).forEach(visit);
  };
  visit(parseSync(file, source).program);
  return codes;
}
