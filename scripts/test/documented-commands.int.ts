import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, textOf } from '../lib/markdown.ts';
import { root } from '../lib/workspaces.ts';

type Documented = { file: string; command: string; words: string[]; options: string[] };

/** Every call of our command in the documents: at the beginning of a line, within one by its path, and between backticks. */
function documented(file: string, markdown: string): Documented[] {
  const calls = [...markdown.matchAll(/(?:\.\/coachloop|(?<=`|^)coachloop|npm start --) ([^`\n|#]*)/gm)];
  return calls.map(([call, rest = '']) => {
    const tokens = rest
      .replaceAll(/"[^"]*"|'[^']*'/g, 'TEXT')
      .trim()
      .split(/\s+/);
    const options = tokens.filter((token) => token.startsWith('--')).map((token) => token.split('=')[0] ?? '');
    const until = tokens.findIndex((token) => !/^[a-z][a-z-]*$/.test(token));
    const words = call.startsWith('npm start') ? ['up'] : tokens.slice(0, until < 0 ? undefined : until);
    return { file, command: call.trim(), words, options };
  });
}

const helpTexts = new Map<string, string>();
function help(words: string[]): string {
  const key = words.join(' ');
  const known = helpTexts.get(key);
  if (known !== undefined) return known;
  const text = execFileSync(process.execPath, [join(root, 'packages/cli/src/main.ts'), ...words, '--help'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  helpTexts.set(key, text);
  return text;
}

/** Of `dead-letters replay ID`, the command is both words; of `rebuild live-metrics`, the first one: the other is its argument. */
function commandOf(words: string[]): string[] {
  const [first = ''] = words;
  return help([first]).startsWith('Usage: coachloop') && / \[command\]/.test(help([first]).split('\n')[0] ?? '')
    ? words.slice(0, 2)
    : [first];
}

function faultOf({ command, words, options }: Documented): string | null {
  const [first] = words;
  if (first === undefined) return help([]).includes(options[0] ?? '') ? null : `${command}: no such option`;
  if (first === 'help') return null;
  if (!new RegExp(`^  ${first}( |$)`, 'm').test(help([]))) return `${command}: there is no command ${first}`;
  const text = help(commandOf(words));
  const unknown = options.find((option) => !new RegExp(`[ ,]${option}\\b`).test(text));
  return unknown === undefined ? null : `${command}: there is no option ${unknown}`;
}

test('commands in the documents exist, with the options that they are given', { timeout: 180_000 }, () => {
  const calls = projectFiles('**/*.md').flatMap((file) => documented(file, textOf(file)));
  expect(calls.length).toBeGreaterThan(15);
  expect(calls.flatMap((call) => (faultOf(call) === null ? [] : [`${call.file}: ${faultOf(call)}`]))).toEqual([]);
});

test('scripts of npm that the documents name exist', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = projectFiles('**/*.md').flatMap((file) =>
    [...textOf(file).matchAll(/npm run (?:-s )?([a-z:]+)(?= --|`|$| {2})/gm)].map(([, name = '']) => ({ file, name })),
  );
  const inPackages = ['lint'];
  expect(named.filter(({ name }) => scripts[name] === undefined && !inPackages.includes(name))).toEqual([]);
});

/** What a drill with these words says, which does nothing. */
function dryDrill(words: string[]): string {
  const args = [join(root, 'packages/drill/src/main.ts'), ...words, '--dry-run'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return stderr === '' ? stdout : `${words.join(' ')}: ${stderr}`;
}

test('drills that the documents name can be run', { timeout: 180_000 }, () => {
  const drills = projectFiles('**/*.md').flatMap((file) =>
    [...textOf(file).matchAll(/npm run drill -- ([^`\n#]*)/g)].map(([, rest = '']) => rest.trim()),
  );
  const checked = [...new Set(drills)].filter((words) => words !== '--mutants' && words !== '--help');
  expect(checked.length).toBeGreaterThan(7);
  const dry = checked.map((words) => dryDrill(words.split(/\s+/).filter((word) => word !== '--dry-run')));
  expect(dry.filter((said) => !/^seed \d+, .* minutes: \d+ faults\n/.test(said))).toEqual([]);
});

test.each([
  ['What is done to one process', ['--embedded']],
  ['What is done to many', []],
])('the table below "%s" has every fault by its name', (heading, where) => {
  const section = textOf('docs/drill.md').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const named = [...section.matchAll(/^\| [^|]+ \| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) => cell.split(', '));
  const [, known = ''] = /there is no nonsense here, but (.*)\./.exec(dryDrill([...where, '--only', 'nonsense'])) ?? [];
  expect(named.filter((name) => name !== '`--only`').toSorted()).toEqual(
    known
      .split(', ')
      .map((name) => `\`${name}\``)
      .toSorted(),
  );
});

test.each([
  ['./coachloop nonsense', 'there is no command nonsense'],
  ['./coachloop import x --nonsense', 'there is no option --nonsense'],
  ['./coachloop dead-letters replay --reason x', 'there is no option --reason'],
  ['npm start -- --nonsense', 'there is no option --nonsense'],
  ['say\ncoachloop offsets reset x --nonsense', 'there is no option --nonsense'],
])('%s is seen', (line, fault) => {
  expect(documented('x.md', line).map(faultOf)).toEqual([expect.stringContaining(fault)]);
});
