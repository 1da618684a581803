/** The page and its files. Every view of the page has an address of its own, which gives the same page. */
import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App, FastifyReply } from '@coachloop/service-kit';
import fastifyStatic from '@fastify/static';
import { DIST } from './build.ts';

/** The page's addresses, as its router knows them. At anything else that somebody opens in a browser the page says that it is not there. */
const PAGES = ['/', '/agents', '/agents/:id', '/cases', '/cases/:id', '/calls/:id'] as const;
/** Of these the id is a UUID (RFC 9562); whether there is such a one, only its service knows. */
const BY_UUID: ReadonlySet<string> = new Set(['/cases/:id', '/calls/:id']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Stands in index.html where the nonce of one answer goes. */
const NONCE_PLACE = '__CSP_NONCE__';

/** Scripts and data from here alone. Mantine puts its colours into a style element, which the nonce allows. */
const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export interface ConsoleOptions {
  /** Folder of the built page; default: where `ensureConsoleBuilt` puts it. */
  readonly directory?: string;
}

/** Adds the page to a server. Throws if it is not built: call `ensureConsoleBuilt` first. */
export async function consoleRoutes(app: App, { directory = DIST }: ConsoleOptions = {}): Promise<void> {
  const page = join(directory, 'index.html');
  await access(page);
  await app.register(fastifyStatic, {
    root: join(directory, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    preCompressed: true,
    immutable: true, // names change with the content
    maxAge: '1y',
    index: false,
    schemaHide: true,
  });
  const send = async (reply: FastifyReply) => {
    // Read anew, since it may have been built anew: then the files that it names have other names.
    const html = await readFile(page, 'utf8');
    const nonce = randomBytes(16).toString('base64');
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', contentSecurityPolicy(nonce))
      .header('cache-control', 'no-store') // it names the files of the latest build, and holds a nonce
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'same-origin')
      .send(html.replaceAll(NONCE_PLACE, nonce));
  };
  const hidden = { schema: { hide: true } };
  for (const path of PAGES)
    app.get<{ Params: { id?: string } }>(path, hidden, async ({ params }, reply) =>
      send(BY_UUID.has(path) && !UUID.test(params.id ?? '') ? reply.code(404) : reply),
    );
  app.get('/*', hidden, async ({ headers }, reply) =>
    headers.accept?.includes('text/html') ? send(reply.code(404)) : reply.callNotFound(),
  );
}
