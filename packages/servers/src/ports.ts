import { createServer, type Server } from 'node:net';

const HOST = '127.0.0.1';
const LASTING = { first: 15_000, count: 16_000 } as const;

function listen(port: number): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = createServer();
  server.once('error', reject);
  server.listen(port, HOST, () => resolve(server));
  return promise;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address with a port.');
  return address.port;
}

/** One of them. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Nobody listens on them yet, and somebody is going to. */
const given = new Set<number>();

/**
 * One that can be had again after its server was down for a while: below the range from which systems take ports for outgoing
 * connections. There, a client that tries to reach whoever is down may be given that very port, and be connected with itself.
 * Never the same one twice.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = LASTING.first + Math.floor(Math.random() * LASTING.count);
    if (given.has(port)) continue;
    given.add(port);
    const server = await listen(port).catch(() => null);
    if (server === null) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

/** Ports of 127.0.0.1 that nobody listens on: the preferred ones where they are free. Held together, so that they differ. */
export async function freePorts(count: number, preferred: readonly number[] = []): Promise<number[]> {
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) servers.push(await listen(preferred[i] ?? 0).catch(() => listen(0)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
