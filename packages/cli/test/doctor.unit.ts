/** What `doctor` says of the machine, and of who has the port. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { systemClock as clock, createLogger, Platform } from '@coachloop/service-kit';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { listening } from '../src/doctor/installation.ts';
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

describe('the port', () => {
  /** The port of one that takes what comes, and answers with this. */
  async function serve(answer?: string): Promise<number> {
    const server = createServer((_, response) => void (answer === undefined || response.end(answer)));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('of a console whose store and services are silent is known to be ours, with the reason', async () => {
    const silent = `http://127.0.0.1:${await serve()}`;
    const peers = Array.from({ length: 4 }, (_, i) => ({ name: `s-${i}`, url: silent }));
    const store = { ...createMemoryStore(), healthy: () => new Promise<never>(() => {}) };
    const more = { clock, host: '127.0.0.1', port: 0, logger: createLogger('silent'), version: '1.2.3' };
    const platform = await Platform.start({ services: [], log: createMemoryLog({ clock }), store, peers, ...more });
    onTestFinished(() => platform.stop());
    const { status, detail } = await listening('127.0.0.1', Number(new URL(platform.url).port));
    expect({ status, detail }).toEqual({
      status: 'problem',
      detail: expect.stringMatching(
        /Coachloop 1\.2\.3 answers on .*, not ready: the document store does not answer; s-0 does not answer at [^;]+; s-1 [^;]+; and 2 more in \/ops\/v1\/status$/,
      ),
    });
  });

  it('of somebody else is told from one of somebody who is silent', async () => {
    const [other, silent] = [await serve('hello'), await serve()];
    expect((await listening('127.0.0.1', other)).detail).toMatch(
      /EADDRINUSE\), and what answers there is not Coachloop/,
    );
    expect((await listening('127.0.0.1', silent)).detail).toMatch(
      /EADDRINUSE\), and what has it did not answer within 6 s/,
    );
  });
});
