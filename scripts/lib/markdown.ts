import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { slugOf } from '@coachloop/service-kit';
import { root } from './workspaces.ts';

/** Folders that are made, not written. */
const MADE = /(^|[\\/])(node_modules|\.git|\.node|\.turbo|\.turbo-results|\.coachloop|dist|coverage)$/;

/** Every file of the project that a person wrote, from the root, with forward slashes. */
export function projectFiles(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => MADE.test(path) })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

export const textOf = (file: string): string => readFileSync(posix.join(root, file), 'utf8');

/** Without code, in which `[a](b)` and `# x` mean something else. */
export const prose = (markdown: string): string =>
  markdown.replace(/^(```+).*?^\1$/gms, '').replace(/(`+)[^`\n]+\1/g, (code) => code.replaceAll(/[[\]()#<>]/g, ' '));

export type Heading = { depth: number; text: string };

/** The `#` headings, in their order. */
export const headingsOf = (markdown: string): Heading[] =>
  [...markdown.replace(/^(```+).*?^\1$/gms, '').matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', text = '']) => ({
    depth: marks.length,
    text: text.replaceAll(/[`*]/g, ''),
  }));

/** What a link into the document may name: its headings as GitHub names them, and ids that it states. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set([...prose(`${markdown}`).matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id));
  for (const [, id = ''] of markdown.matchAll(/<a id="([^"]+)">/g)) anchors.add(id);
  for (const { text } of headingsOf(markdown)) {
    const slug = slugOf(text);
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  return anchors;
}

/** Links and pictures within the project that lead nowhere, as `file: target`. */
export function deadLinks(file: string, markdown: string): string[] {
  return [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?:|mailto:)/.test(target) && !leadsSomewhere(file, markdown, target))
    .map((target) => `${file}: ${target}`);
}

function leadsSomewhere(file: string, markdown: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const to = path === '' ? file : posix.join(posix.dirname(file), path);
  if (path.startsWith('/') || to.startsWith('../') || !existsSync(posix.join(root, to))) return false;
  return anchor === undefined || anchorsOf(path === '' ? markdown : textOf(to)).has(decodeURIComponent(anchor));
}
