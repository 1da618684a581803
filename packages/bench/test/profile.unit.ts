import { expect, test } from 'vitest';
import { COLLECTOR, type Profile, sums } from '../src/profile.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 6 });
const at = (path: string) => `file:///x/${path}`;

test('time belongs to the innermost function of the project; what is at rest does not count', () => {
  const profile: Profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3, 4] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('(garbage collector)') },
      { id: 4, callFrame: frame('load', at('packages/document-store/src/a.ts')), children: [5, 6] },
      { id: 5, callFrame: frame('parse') },
      { id: 6, callFrame: frame('check', at('node_modules/typebox/b.mjs')) },
    ],
    samples: [2, 3, 4, 5, 6, 6],
    timeDeltas: [900, 10, 20, 30, 20, 20],
  };
  const { parts, functions } = sums(profile);
  expect(Object.fromEntries(parts)).toEqual({ 'packages/document-store': 0.5, libraries: 0.4, [COLLECTOR]: 0.1 });
  expect(functions.get('parse :7 [packages/document-store]')).toBe(0.3);
});
