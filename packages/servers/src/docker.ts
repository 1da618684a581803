import { existsSync } from 'node:fs';
import { request } from 'node:http';

const PING_MS_MAX = 2_000;

/** Does a Docker engine answer (DOCKER_HOST, else the usual socket)? Asked before testcontainers is loaded: that takes a second. */
export function dockerAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const target = pingTarget(env.DOCKER_HOST);
  if (target === undefined) return Promise.resolve(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const ping = request({ ...target, path: '/_ping', timeout: PING_MS_MAX }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  ping.on('timeout', () => ping.destroy());
  ping.on('error', () => resolve(false));
  ping.on('close', () => resolve(false));
  ping.end();
  return promise;
}

function pingTarget(host: string | undefined): { socketPath: string } | { host: string; port: number } | undefined {
  if (host?.startsWith('tcp://')) {
    const { hostname, port } = new URL(host);
    return { host: hostname, port: Number(port) || 2375 };
  }
  const socketPath = host?.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock';
  if (process.platform === 'win32') return { socketPath: '//./pipe/docker_engine' };
  return existsSync(socketPath) ? { socketPath } : undefined;
}
