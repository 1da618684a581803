/**
 * One address for an installation of many processes: paths of services are forwarded to them, as they are, streams included.
 * What a service answers is its answer; one that is away is a problem that names it.
 */
import type { Readable } from 'node:stream';
import type { Peer } from './peers.ts';
import { httpProblem, toProblem } from './problem.ts';
import type { App } from './service.ts';

/** A peer, and which paths are its own: `/qa` is also `/qa/v1/…`. */
export interface Forwarded extends Peer {
  readonly paths: readonly string[];
}

const BOUNDS = {
  /** Connections to one service; a live stream keeps one. */
  connections_max: 2_200,
  connect_ms_max: 3_000,
  /** Until an answer begins. Its end may be far away: a stream has none. */
  answer_ms_max: 65_000,
} as const;
const RETRY_AFTER_SECONDS = 2;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export async function frontDoor(app: App, services: readonly Forwarded[]): Promise<void> {
  for (const service of services) await app.register(async (scope) => forward(scope as unknown as App, service));
}

async function forward(scope: App, { name, url: base, paths }: Forwarded): Promise<void> {
  // Only here: who forwards nothing need not load a client of its own for that.
  await scope.register(import('@fastify/reply-from'), {
    base,
    // Whether to send it again is the client's to decide: our own would hide what a service says of its load.
    retryMethods: [],
    disableRequestLogging: true,
    undici: {
      connections: BOUNDS.connections_max,
      pipelining: 1,
      connect: { timeout: BOUNDS.connect_ms_max },
      headersTimeout: BOUNDS.answer_ms_max,
      bodyTimeout: 0,
    },
  });
  // Bodies go through unread; the service itself has their bounds.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request: unknown, payload: Readable, done: (e: null, body: Readable) => void) =>
    done(null, payload),
  );
  for (const path of paths.flatMap((prefix) => [prefix, `${prefix}/*`]))
    scope.route({
      method: [...METHODS],
      url: path,
      schema: { hide: true },
      handler: (request, reply) => {
        // What the plugin would warn of is said below, in our words.
        if (!['fatal', 'silent'].includes(scope.log.level))
          request.log = scope.log.child({ reqId: request.id }, { level: 'error' });
        return reply.from(undefined, {
          // The origin was compared with our own address; to the service it would be another site. To `expect` Node has answered.
          rewriteRequestHeaders: (_original, { origin: _, expect: __, ...headers }) => headers,
          onError: (to, { error }) => {
            const said = { service: name, err: String(error) };
            if (to.raw.destroyed) scope.log.debug(said, 'the client went away');
            else scope.log.warn(said, 'a service does not answer');
            const problem = httpProblem('SERVICE_AWAY', `${name} does not answer at ${base}.`);
            const { status } = problem;
            void to
              .code(status)
              .header('retry-after', String(RETRY_AFTER_SECONDS))
              .type('application/problem+json')
              .send(toProblem(problem));
          },
        });
      },
    });
}
