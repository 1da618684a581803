/** A guide that can be followed by a program: `diff` blocks change files, `ts` blocks make them, `sh` blocks run. */
export type Step =
  | { kind: 'change'; file: string; lines: string[] }
  | { kind: 'create'; file: string; text: string }
  | { kind: 'run'; script: string };

/** The steps in their order. Throws a plain Error on a block that cannot be followed. */
export function stepsOf(markdown: string): Step[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', body = '']): Step => {
    if (language === 'sh') return { kind: 'run', script: body };
    if (language === 'diff') {
      const [, file, changes] = /^--- a\/[^\n]+\n\+\+\+ b\/([^\n]+)\n(.*)$/s.exec(body) ?? [];
      if (!file || !changes) throw new Error(`a diff needs its --- and +++ lines:\n${body}`);
      return { kind: 'change', file, lines: changes.trimEnd().split('\n') };
    }
    const [, file, text] = /^\/\/ (\S+)\n(.*)$/s.exec(body) ?? [];
    if (!file || text === undefined) throw new Error(`a new file needs its path in the first line:\n${body}`);
    return { kind: 'create', file, text };
  });
}

/** Applies one hunk. The lines that it says are there must be there, together, once: else the guide is stale. */
export function applyChange(source: string, { file, lines }: { file: string; lines: string[] }): string {
  const without = (sign: string) =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const before = without('+');
  const text = `\n${source}`;
  const at = text.indexOf(`\n${before}`);
  const found = at < 0 ? 0 : text.indexOf(`\n${before}`, at + 1) < 0 ? 1 : 2;
  if (found !== 1)
    throw new Error(`${file}: these lines are there ${['not', 'once', 'more than once'][found]}:\n${before}`);
  return `${text.slice(1, at + 1)}${without('-')}${text.slice(at + 1 + before.length)}`;
}
