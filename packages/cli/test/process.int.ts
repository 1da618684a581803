/** The platform as a process: who may start it, how it stops, and to whom it listens. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, coachloop, Platform, temporaryFolder } from './harness/command.ts';
import { vcon } from './harness/samples.ts';

const folder = temporaryFolder();
let platform: Platform;
beforeAll(async () => {
  platform = await Platform.up(join(folder, 'data'));
}, 60_000);
afterAll(cleanUp, 30_000);

describe('a second process', { timeout: 60_000 }, () => {
  it('is refused on the same data folder, and the first goes on', async () => {
    const { code, stderr } = await coachloop(['up', '--no-demo', '--data', platform.directory, '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/in use by another process.*use another data folder.*LOG_LOCKED/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await platform.get('/readyz')).toMatchObject({ ready: true });
  });

  it('is told that the port is taken, and how to choose another one', async () => {
    const args = ['up', '--no-demo', '--data', join(folder, 'other'), '--port', String(platform.port)];
    const { code, stderr } = await coachloop(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${platform.port}.*PORT.*PORT_TAKEN`));
  });

  it('that asks for a check goes through the first', async () => {
    const { code, stdout, stderr } = await coachloop(['verify', '--data', platform.directory]);
    expect(stderr).toContain(`Asking the platform at ${platform.url}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('all as promised') });
  });

  it('that names a folder asks about that folder, whatever the environment says of a platform', async () => {
    const nowhere = join(folder, 'nowhere');
    const env = { COACHLOOP_URL: platform.url };
    const { code, stderr } = await coachloop(['digest', '--data', nowhere], { env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('DATA_FOLDER_MISSING') });
    const both = await coachloop(['digest', '--data', nowhere, '--url', platform.url]);
    expect(both.stderr).toContain('ARGUMENT_INVALID');
  });

  it('is told by doctor who has the folder', async () => {
    const { stdout } = await coachloop(['doctor', '--data', platform.directory, '--port', String(platform.port)]);
    expect(stdout).toMatch(new RegExp(`✓ lock .*runs on it: ${platform.url}, process ${platform.child.pid}`));
  });
});

describe('Ctrl-C', { timeout: 60_000 }, () => {
  it('stops clean within five seconds, also the demo', async () => {
    const demo = await Platform.up(join(folder, 'demo'), { args: [] });
    const { code, stdout, stderr } = await demo.stop();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' }); // 1 if it took longer
    expect(stderr).toMatch(/Stopping…\n$/);
  });
});

describe('an address of the network', { timeout: 60_000 }, () => {
  it('takes nothing but ingest, and says so', async () => {
    const open = await Platform.up(join(folder, 'open'), { env: { HOST: '0.0.0.0' } });
    const at = `http://127.0.0.1:${open.port}`;
    const sent = await fetch(`${at}/ingest/v1/vcons`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(vcon(1)),
    });
    expect(sent.status).toBe(202);
    for (const path of ['/', '/training/v1/cases', '/ops/v1/status', '/events/v1', '/docs/api/json']) {
      const refused = await fetch(at + path);
      expect({ path, status: refused.status, body: await refused.json() }).toMatchObject({
        path,
        status: 403,
        body: { code: 'SIGN_IN_REQUIRED' },
      });
    }
    const { stderr } = await open.stop();
    expect(stderr).toMatch(/Warning: 0\.0\.0\.0 is open to the network and sign-in is not configured/);
  });
});
