import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDataFolder, openDataFolder } from '../src/data-folder.ts';
import { cleanUp, temporaryFolder } from './harness/command.ts';

const folder = temporaryFolder();
afterAll(cleanUp);

const withKey = (name: string, key: string): string => {
  const directory = join(folder, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'customer.key'), key);
  return directory;
};

describe('a data folder', () => {
  it.each(['/proc/coachloop/data', join(import.meta.filename, 'data')])(
    'that cannot be made is refused: %s',
    (path) => {
      expect(() => makeDataFolder(path)).toThrow(/cannot be used as a data folder/);
    },
  );
});

describe('the key for customer hashes', () => {
  it('is made once, for the owner alone', () => {
    const directory = join(folder, 'new');
    makeDataFolder(directory);
    const { customerKey } = openDataFolder(directory);
    expect(customerKey).toMatch(/^[0-9a-f]{64}$/);
    expect(openDataFolder(directory).customerKey).toBe(customerKey);
    expect(statSync(join(directory, 'customer.key')).mode & 0o777).toBe(0o600);
  });

  it('is made anew after a crash before it had its name: nothing was hashed with it yet', () => {
    const directory = join(folder, 'interrupted');
    mkdirSync(directory);
    writeFileSync(join(directory, 'customer.key.new'), 'abc');
    const { customerKey } = openDataFolder(directory);
    expect(readFileSync(join(directory, 'customer.key'), 'utf8')).toBe(customerKey);
  });

  it.each([
    ['empty', ''],
    ['blank', '\n'],
    ['cut', 'a1b2'],
    ['zeroed', '\0'.repeat(64)],
    ['another file', 'x'.repeat(64)],
  ])('is refused when it is %s, and left as it is', (name, key) => {
    const directory = withKey(name.replace(' ', '-'), key);
    expect(() => openDataFolder(directory)).toThrow(
      expect.objectContaining({
        code: 'CUSTOMER_KEY_INVALID',
        message: expect.stringMatching(/customer\.key does not hold.*backup/),
      }),
    );
    expect(readFileSync(join(directory, 'customer.key'), 'utf8')).toBe(key);
  });
});
