import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { root } from './workspaces.ts';

/** One import, re-export or dynamic import; type-only ones too, for they bind two modules just as well. */
export type Import = {
  /** The importing file from the root, with forward slashes. */
  file: string;
  /** What stands between the quotes. */
  specifier: string;
  line: number;
};

/** Every import of one source text. Throws if it cannot be parsed. */
export function importsOf(file: string, source: string): Import[] {
  const { module, errors } = parseSync(file, source);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${file} cannot be parsed: ${error.message}`);
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => ({ at: moduleRequest.start, specifier: moduleRequest.value })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) =>
        moduleRequest === null ? [] : [{ at: moduleRequest.start, specifier: moduleRequest.value }],
      ),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      // An import of a computed name is the business of the code that computes it.
      const literal = /^(['"`])(.*)\1$/s.exec(source.slice(start, end))?.[2];
      return literal === undefined ? [] : [{ at: start, specifier: literal }];
    }),
  ];
  return found.map(({ at, specifier }) => ({ file, specifier, line: source.slice(0, at).split('\n').length }));
}

/** Every import in the sources and tests of packages and services. */
export function allImports(): Import[] {
  const files = globSync('{packages,services}/*/**/*.{ts,tsx,mts,mjs,js,jsx}', {
    cwd: root,
    exclude: (path) => /(^|[\\/])(node_modules|dist|\.turbo|\.turbo-results)$/.test(path),
  });
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
}
