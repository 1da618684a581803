import { expect, test } from 'vitest';
import { slugOf } from '../src/docs.ts';
import { createLogger, createServer, problemType } from '../src/index.ts';

const app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0.0.0' });
const get = (url: string) => app.inject({ url, headers: { host: 'localhost' } });

test('the type of a problem leads to a page that explains its code', async () => {
  const { type } = (await get('/no/such/route')).json<{ type: string }>();
  expect(type).toBe(problemType('ROUTE_NOT_FOUND'));
  const [path = '', anchor = ''] = type.split('#');
  const page = await get(path);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).toContain(`id="${anchor}"`);
});

test('guides, decisions and their pictures are served; links between them work', async () => {
  const page = await get('/docs/concepts');
  expect(page.body).toContain('<h1 id="concepts">');
  const links = [...page.body.matchAll(/(?:href|src)="([^"#:]+)["#]/g)].map(([, path = '']) => path);
  expect(links).toContain('images/kernel.svg');
  expect(links.filter((path) => path.includes('icon'))).toHaveLength(1); // else browsers ask for /favicon.ico
  for (const path of links) {
    const url = new URL(path, 'http://localhost/docs/concepts').pathname;
    expect([url, (await get(url)).statusCode]).toEqual([url, 200]);
  }
  expect((await get('/docs')).headers.location).toBe('/docs/index');
});

test('the page to try the API names an icon that is there', async () => {
  const { body } = await get('/docs/api/');
  const icons = [...body.matchAll(/<link rel="icon"[^>]* href="([^"]+)"/g)].map(([, path = '']) => path);
  expect(icons).not.toHaveLength(0);
  for (const path of icons)
    expect((await get(new URL(path, 'http://localhost/docs/api/').pathname)).statusCode).toBe(200);
});

test.each([
  '/docs/../package',
  '/docs/%2e%2e/package',
  '/docs/..%2fREADME',
  '/docs/adr/..%2f..%2fREADME',
  '/docs/nothing',
])('%s is not there', async (url) => {
  const { statusCode, headers } = await get(url);
  expect(statusCode).toBe(404);
  expect(headers['content-type']).toContain('application/problem+json');
});

test.each([
  ['What is promised, and what is not', 'what-is-promised-and-what-is-not'],
  ['`docs/x.md` (new)', 'docsxmd-new'],
  ['时间是消息', '时间是消息'],
  ['RUNTIME_HOLES_FULL', 'runtime_holes_full'],
])('the heading %s has the id that GitHub gives it', (heading, slug) => {
  expect(slugOf(heading)).toBe(slug);
});
