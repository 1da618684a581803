import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../lib/workspaces.ts';

type Entry = { hasInstallScript?: boolean; resolved?: string; optionalDependencies?: Record<string, string> };
const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const entries = Object.entries(lock.packages);

test('no dependency needs an install script, for none is run', () => {
  const withScript = entries.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  // scarf's reports the installation to its maker, protobufjs' warns of an unusual version range, the other two build what
  // makes Docker over ssh faster (testcontainers bring them): none is missed.
  const names = ['@scarf/scarf', 'cpu-features', 'protobufjs', 'ssh2'];
  expect(withScript).toEqual(names.map((name) => `node_modules/${name}`));
});

test("the lock names no registry, so that everybody's own is used", () => {
  expect(entries.filter(([, { resolved }]) => resolved?.startsWith('http')).map(([path]) => path)).toEqual([]);
});

test('the lock knows the programs of every platform, not only of the one on which it was written', () => {
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
    ),
  );
  expect(missing).toEqual([]);
});
