/** What is not understood is refused, with what would be: a misspelt parameter taken for none would get another answer than was asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify';
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

/**
 * Refuses a body before it is read where those under way would take too much memory together. One that does not say how long
 * it is counts as the longest that its route takes; one alone always fits.
 */
export function inFlight(bytesMax: number) {
  let bytes = 0;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { headers, routeOptions } = request;
    const chunked = headers['transfer-encoding'] !== undefined;
    const own = chunked ? (routeOptions.bodyLimit ?? 0) : Math.min(Number(headers['content-length'] ?? 0), bytesMax);
    if (!(own > 0)) return;
    if (bytes > 0 && bytes + own > bytesMax)
      throw httpProblem('TOO_MUCH_AT_ONCE', `Bodies of ${bytes} bytes are being handled.`, { retryAfter: 1 });
    bytes += own;
    reply.raw.once('close', () => {
      bytes -= own;
    });
  };
}
