/** GET /docs/…: the guides in docs/ as pages, so that the `type` of a problem is a link to what it means, without the network. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { notFound } from './problem.ts';
import type { App } from './service.ts';

const FOLDER = resolve(import.meta.dirname, '../../../docs');
/** One folder deep at most, and nothing that leads out of it. */
const PAGE = /^((?:adr\/)?[a-z0-9-]+)(?:\.md)?$/;
const IMAGE = /^(?:images\/)[a-z0-9-]+\.(svg|png)$/;
const IMAGE_TYPES: Readonly<Record<string, string>> = { svg: 'image/svg+xml', png: 'image/png' };

export function docsRoutes(app: App): void {
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs/index'));
  app.get('/docs/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs/index'));
  app.get('/docs/*', { schema: { hide: true } }, async (request, reply) => {
    const path = (request.params as { readonly '*': string })['*'];
    const page = PAGE.exec(path)?.[1];
    const image = IMAGE.exec(path)?.[1];
    reply.header('content-security-policy', "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'");
    if (image !== undefined) return reply.type(IMAGE_TYPES[image] ?? '').send(await contentOf(path, path));
    const markdown = page === undefined ? null : await contentOf(`${page}.md`, path);
    if (markdown === null) throw notFound('page', path);
    return reply.type('text/html; charset=utf-8').send(await pageOf(markdown.toString(), `/docs/${page}`));
  });
}

const contentOf = (file: string, path: string): Promise<Buffer> =>
  readFile(join(FOLDER, file)).catch(() => {
    throw notFound('page', path);
  });

/** Headings get the ids that links from Markdown expect: GitHub's. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');

async function pageOf(markdown: string, path: string): Promise<string> {
  const { Marked } = await import('marked'); // most processes are never asked for a page
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${slugOf(text.replaceAll(/[`*]/g, ''))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        // A file of the sources is not served: its name stands there, but leads nowhere.
        const { origin, pathname } = new URL(href, `http://here${path}`);
        return origin === 'http://here' && !pathname.startsWith('/docs/') ? inner : `<a href="${href}">${inner}</a>`;
      },
    },
  });
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? 'Coachloop';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="/docs/images/icon.svg" type="image/svg+xml">
<title>${title} – Coachloop</title><style>${STYLE}</style></head><body><main>${await marked.parse(markdown)}</main></body></html>`;
}

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.55 system-ui,"PingFang SC","Noto Sans SC",sans-serif;margin:0}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere}
h2,h3{margin-top:2em;scroll-margin-top:1rem}:target,p:has(:target)+h3{background:color-mix(in srgb,Highlight 25%,transparent)}
table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border-bottom:1px solid #8886;padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top}
pre{overflow-x:auto;padding:.8rem;background:#8881;border-radius:4px}code{font-family:ui-monospace,monospace;font-size:.92em}img{max-width:100%}`;
