/** The page as it is built and served. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createLogger, createServer } from '@coachloop/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleRoutes, ensureConsoleBuilt } from '../src/index.ts';

const FIRST_VIEW_BYTES_MAX = 300_000;

const directory = mkdtempSync(join(tmpdir(), 'coachloop-console-'));
const built = join(directory, 'dist');
const said: string[] = [];
const say = (line: string) => said.push(line);
let app: Awaited<ReturnType<typeof createServer>>;

beforeAll(async () => {
  await ensureConsoleBuilt({ directory: built, say });
  app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0' });
  await consoleRoutes(app, { directory: built });
}, 120_000);
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true, force: true });
});

const page = () => readFileSync(join(built, 'index.html'), 'utf8');
const assetsOf = (html: string) =>
  [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].flatMap(([, path]) => path ?? []);

describe('building', () => {
  it('says so once, and does nothing while the sources stay the same', async () => {
    expect(said).toEqual(['Building the console, once…', expect.stringMatching(/is built \(\d+\.\d s\)/)]);
    await ensureConsoleBuilt({ directory: built, say });
    expect(said).toHaveLength(2);
  });

  it('begins anew when what was built is of other sources, and leaves nothing beside it', async () => {
    writeFileSync(join(built, '.stamp'), 'of older sources');
    await ensureConsoleBuilt({ directory: built, say });
    expect(said).toHaveLength(4);
    expect(readdirSync(directory)).toEqual(['dist']);
  }, 120_000);

  it('keeps the first view under 300 kB, compressed', () => {
    const bytes = assetsOf(page()).map((path) => gzipSync(readFileSync(join(built, path))).length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(FIRST_VIEW_BYTES_MAX);
  });
});

describe('serving', () => {
  const ID = '5cfdd096-8db9-52d6-888e-e5a5cf65874a';
  it.each(['/', '/agents', '/agents/a-1', '/cases?stage=assigned', `/cases/${ID}`, `/calls/${ID}?q=greeting`])(
    '%s gives the page',
    async (url) => {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.body).toContain('<div id="root">');
    },
  );

  it.each(['/cases/nonsense', '/calls/7', `/cases/${'5'.repeat(36)}`])(
    '%s cannot be a case or a call: the page says so, and the status too',
    async (url) => {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.body).toContain('<div id="root">');
    },
  );

  it('leaves every other path to the interfaces', async () => {
    const answer = await app.inject('/no/such/thing');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it('is opened in a browser at an address that is none: the page says so, and the status too', async () => {
    const answer = await app.inject({ url: '/no/such/thing', headers: { accept: 'text/html,*/*' } });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('<div id="root">');
  });

  it('allows no script but its own files, and styles by a nonce that is new each time', async () => {
    const [one, two] = [await app.inject('/'), await app.inject('/')];
    const policy = String(one.headers['content-security-policy']);
    const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(one.body).toContain(`nonce="${nonce}"`);
    expect(two.body).not.toContain(nonce);
    expect(one.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|__CSP_NONCE__/);
  });

  it('lets files with a hash in their name be kept for ever, and sends them compressed', async () => {
    const [script] = assetsOf(page()).filter((path) => path.endsWith('.js'));
    const answer = await app.inject({ url: script ?? '', headers: { 'accept-encoding': 'br' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
    });
  });
});
