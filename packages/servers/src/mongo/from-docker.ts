import { ServerError } from '../errors.ts';
import { freePorts } from '../ports.ts';
import type { MongoServer, StartMongoOptions } from './mongo.ts';

const IMAGE = 'mongo:8';

/** A real MongoDB, one member of a replica set, in a container that testcontainers removes when we are gone. */
export async function startMongoFromDocker(options: StartMongoOptions): Promise<MongoServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  // The same port inside and outside: clients are sent to the address that the replica set knows.
  const [port = 0] = await freePorts(1, options.preferredPorts);
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withCommand(['mongod', '--replSet', 'rs0', '--bind_ip_all', '--port', String(port)])
    .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/))
    .start();
  const initiate = `rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: '127.0.0.1:${port}' }] });
    while (!db.hello().isWritablePrimary) sleep(50);`;
  const { exitCode, output } = await container.exec(['mongosh', '--quiet', '--port', String(port), '--eval', initiate]);
  if (exitCode !== 0) {
    await container.stop();
    throw new ServerError('SERVER_START_FAILED', `${IMAGE} became no replica set: ${output}`);
  }
  return {
    address: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
    description: `${IMAGE}, replica set of 1, Docker`,
    node: undefined,
    stop: async () => {
      await container.stop();
    },
  };
}
