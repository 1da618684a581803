/** What is not understood is refused, with what would be: a misspelt parameter taken for none would get another answer than was asked for. */
import type { FastifyRequest } from 'fastify';
import { type HttpProblem, httpProblem } from './problem.ts';
import type { App } from './service.ts';

/** From now on remembers each route; returns which methods a path takes. */
export function routesOf(app: App): (path: string) => readonly string[] {
  const routes: { pattern: RegExp; methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url === '/*' || url === '*') return; // the console's pages
    const text = url
      .replace(/[.+]/g, '\\$&')
      .replace(/:[^/]+/g, '[^/]+')
      .replaceAll('*', '.*');
    routes.push({ pattern: new RegExp(`^${text}/?$`), methods: [method].flat() });
  });
  return (path) => [...new Set(routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : [])))];
}

/** @param methods that the path does take */
export const noSuchRoute = (method: string, path: string, methods: readonly string[]): HttpProblem =>
  methods.length > 0
    ? httpProblem('METHOD_NOT_ALLOWED', `${path} takes ${methods.join(', ')}, not ${method}.`)
    : httpProblem('ROUTE_NOT_FOUND', `${method} ${path} does not exist; /docs/api lists what does.`);

/** A compressed body would be taken for damaged JSON. */
export function readable({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw httpProblem(
      'MEDIA_TYPE_UNSUPPORTED',
      `Content-Encoding ${encoding} is not read; send the body uncompressed.`,
    );
}

export function knownQuery({ query, routeOptions }: FastifyRequest): void {
  const schema = routeOptions.schema?.querystring as { properties?: object } | undefined;
  if (schema?.properties === undefined) return;
  const known = Object.keys(schema.properties);
  const unknown = Object.keys(query as object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const detail = `querystring/${unknown} is unknown; there are ${known.join(', ')}.`;
  throw httpProblem('REQUEST_INVALID', detail, { pointer: `/${unknown}` });
}
