import { randomUUID } from 'node:crypto';
import mongoose, { type mongo } from 'mongoose';

/** The URI of a database of our own on this server. */
export function newDatabase(server: string): string {
  const [hosts = '', query] = server.split('?', 2);
  return `${hosts.replace(/\/$/, '')}/test-${randomUUID()}${query === undefined ? '' : `?${query}`}`;
}

/** Runs something with the driver itself, as people with a MongoDB shell would. */
export async function inDatabase<T>(uri: string, action: (database: mongo.Db) => Promise<T>): Promise<T> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    return await action(connection.getClient().db());
  } finally {
    await connection.close();
  }
}

export async function dropDatabase(uri: string): Promise<void> {
  await inDatabase(uri, (database) => database.dropDatabase());
}
