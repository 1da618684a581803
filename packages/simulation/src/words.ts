/** `--seeds -3` is a value, to be refused by its name; `parseArgs` alone takes it for another word, and speaks of dashes. */
export function withNegatives(args: readonly string[]): string[] {
  const words: string[] = [];
  for (const word of args) {
    const before = words.at(-1);
    if (/^-\d/.test(word) && before?.startsWith('--') && !before.includes('=')) words[words.length - 1] += `=${word}`;
    else words.push(word);
  }
  return words;
}

/** At most so many characters, cut behind a word. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${space > 0 ? cut.slice(0, space) : cut} …`;
}

/** Names with their counts, read down one column and then the next. */
export function columns(counts: readonly (readonly [string, number])[], across: number): readonly string[] {
  const rows = Math.ceil(counts.length / across);
  const cells = Array.from({ length: across }, (_, i) => counts.slice(i * rows, (i + 1) * rows)).map((column) => {
    const width = Math.max(0, ...column.map(([name]) => name.length));
    const digits = Math.max(0, ...column.map(([, count]) => String(count).length));
    return column.map(([name, count]) => `${name.padEnd(width)} ${String(count).padStart(digits)}`);
  });
  return Array.from({ length: rows }, (_, row) => cells.flatMap((column) => column[row] ?? []).join('   '));
}
