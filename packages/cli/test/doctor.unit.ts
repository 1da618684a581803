/** What `doctor` says of the machine. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chromium } from '../src/doctor/machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'coachloop-doctor-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('a browser for the tests', () => {
  it('is looked for where `npm test` looks', () => {
    const browser = join(folder, 'google-chrome-stable');
    writeFileSync(browser, '');
    chmodSync(browser, 0o755);
    vi.stubEnv('PATH', folder);
    vi.stubEnv('CHROME_PATH', '');
    expect(chromium()).toMatchObject({ status: 'ok', detail: browser });
    vi.stubEnv('PATH', '');
    expect(chromium()).toMatchObject({ status: 'hint' });
    vi.stubEnv('CHROME_PATH', browser);
    expect(chromium()).toMatchObject({ status: 'ok', detail: browser });
  });
});
