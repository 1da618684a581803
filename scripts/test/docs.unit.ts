import { describe, expect, test } from 'vitest';
import { anchorsOf, deadLinks, headingsOf, projectFiles, textOf } from '../lib/markdown.ts';

const documents = projectFiles('**/*.md');

test('links between documents, and to files and headings, lead somewhere', () => {
  expect(documents).toContain('README.md');
  expect(documents.flatMap((file) => deadLinks(file, textOf(file)))).toEqual([]);
});

test('both READMEs have the same headings, commands and pictures', () => {
  const shapeOf = (file: string) => ({
    headings: headingsOf(textOf(file)).map(({ depth }) => depth),
    commands: [...textOf(file).matchAll(/^(?:npm|\.\/coachloop) [^#\n]*/gm)].map(([command]) => command.trim()),
    pictures: [...textOf(file).matchAll(/!\[.*?\]\((.*?)\)/g)].map(([, picture]) => picture),
  });
  expect(shapeOf('README.zh-CN.md')).toEqual(shapeOf('README.md'));
});

test('the index of decisions names each, and each has a number of its own', () => {
  const decisions = projectFiles('docs/adr/[0-9]*.md').map((file) => file.slice('docs/adr/'.length));
  const index = textOf('docs/adr/index.md');
  expect(decisions.filter((file) => !index.includes(`(${file})`))).toEqual([]);
  const numbers = decisions.map((file) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
  expect(numbers).toEqual([...new Set(numbers)]);
  expect(numbers).not.toContain(undefined);
});

test('every guide is in the index', () => {
  const guides = projectFiles('docs/*.md').map((file) => file.slice('docs/'.length));
  const index = textOf('docs/index.md');
  expect(guides.filter((file) => file !== 'index.md' && !index.includes(`(${file})`))).toEqual([]);
});

/** What belongs to the place where somebody worked, and not to the project. */
const FOREIGN: readonly (readonly [string, RegExp])[] = [
  ['a path of somebody’s machine', /(?<![\w.~-])\/(work|home|root|Users|mnt)\/\w/],
  ['a registry', /\bregistry\.[a-z0-9-]+\.[a-z]+|\bnpmmirror\b/i],
  ['the number of an issue', /\b(issue|pull request)s? #?\d/i],
  ['something not done', /\b(TODO|FIXME|XXX)\b/],
];
const found = (text: string) => FOREIGN.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);

test('documents speak of the project alone', () => {
  const files = [...documents, 'NOTICE', 'package.json', ...projectFiles('{packages,services}/*/package.json')];
  expect(files.flatMap((file) => found(textOf(file)).map((name) => `${file}: ${name}`))).toEqual([]);
});

describe('the checks bite', () => {
  const text =
    '# One two\n\n## `x.md` (new)\n\n<a id="own"></a>\n\n```sh\n# not a heading [a](b.md)\n```\n\n## One two\n';

  test('headings and stated ids are anchors, code is neither', () => {
    expect([...anchorsOf(text)].sort()).toEqual(['one-two', 'one-two-1', 'own', 'xmd-new']);
    expect(headingsOf(text).map(({ depth }) => depth)).toEqual([1, 2, 2]);
  });

  test.each([
    ['[a](missing.md)', 'missing.md'],
    ['![a](images/missing.png)', 'images/missing.png'],
    ['[a](#missing)', '#missing'],
    ['[a](docs/errors.md#no-such-code)', 'docs/errors.md#no-such-code'],
    ['[a](../outside.md)', '../outside.md'],
    ['[a](/docs/errors.md)', '/docs/errors.md'],
  ])('%s is dead', (link, target) => {
    expect(deadLinks('README.md', link)).toEqual([`README.md: ${target}`]);
  });

  test('links that lead somewhere, and those of others, are left alone', () => {
    const links =
      '[a](LICENSE) [b](docs/errors.md#not-found) [c](https://example.org/x) [d](#one) `[e](no.md)`\n\n# One\n';
    expect(deadLinks('README.md', links)).toEqual([]);
  });

  test.each(['in /home/me/x', 'see /work/x', 'registry.example.org', 'issue #12', 'TODO: later'])(
    '%s is seen',
    (line) => {
      expect(found(line)).toHaveLength(1);
    },
  );

  test.each(['https://example.org/work/x', './work/x', 'npm registry', 'issues', '~/home/x'])('%s is fine', (line) => {
    expect(found(line)).toEqual([]);
  });
});
