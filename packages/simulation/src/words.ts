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
