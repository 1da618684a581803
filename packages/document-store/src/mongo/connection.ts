import mongoose, { type mongo } from 'mongoose';
import { toOpeningError } from './failure.ts';
import { CONCERNS, DATABASE_DEFAULT, defaultsBeside, type MongoStoreOptions } from './options.ts';

/** A connection pool and the database that the URI names. */
export class MongoConnection {
  readonly #connection: mongoose.Connection;
  readonly #database: mongo.Db;

  constructor(connection: mongoose.Connection, database: mongo.Db) {
    this.#connection = connection;
    this.#database = database;
  }

  static async open(options: MongoStoreOptions): Promise<MongoConnection> {
    const { uri, onCommand } = options;
    let connection: mongoose.Connection | undefined;
    try {
      connection = mongoose.createConnection(uri, {
        ...defaultsBeside(options),
        // A call while the server is away must fail and not wait in a queue of mongoose's.
        bufferCommands: false,
        autoIndex: false,
        autoCreate: false,
        monitorCommands: onCommand !== undefined,
      });
      if (onCommand) watch(connection.getClient(), onCommand);
      await connection.asPromise();
      const client = connection.getClient();
      const database = client.db(
        client.options.dbName === 'test' && !namesDatabase(uri) ? DATABASE_DEFAULT : undefined,
      );
      return new MongoConnection(connection, database);
    } catch (error) {
      await connection?.close(true).catch(() => {});
      throw toOpeningError(error);
    }
  }

  collection<Row extends mongo.Document>(name: string): mongo.Collection<Row> {
    return this.#database.collection<Row>(name, CONCERNS);
  }

  async ping(): Promise<boolean> {
    const { ok } = await this.#database.command({ ping: 1 });
    return ok === 1;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** The driver takes `test` where the URI names no database. */
function namesDatabase(uri: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(uri);
}

function watch(client: mongo.MongoClient, onCommand: NonNullable<MongoStoreOptions['onCommand']>): void {
  client.on('commandStarted', ({ commandName: name, command }) => {
    const target: unknown = command[name] === 1 ? '' : (command.collection ?? command[name]);
    onCommand({ name, collection: typeof target === 'string' ? target : '', command });
  });
}
