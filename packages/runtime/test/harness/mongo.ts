/** The log in memory and documents in a MongoDB, each world in a database of its own. */
import { randomUUID } from 'node:crypto';
import { type MongoCommand, openMongoStore } from '@coachloop/document-store/mongo';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { Kind } from './adapters.ts';

export function mongo(server: string, onCommand?: (command: MongoCommand) => void): Kind {
  return {
    name: 'mongo',
    open: async (clock) => {
      const [hosts = '', query] = server.split('?', 2);
      const uri = `${hosts.replace(/\/$/, '')}/runtime-${randomUUID()}${query === undefined ? '' : `?${query}`}`;
      const log = createMemoryLog({ clock });
      const store = await openMongoStore({ uri, ...(onCommand && { onCommand }) });
      const close = async () => {
        await log.close();
        await store.close();
      };
      return { log, store, close };
    },
  };
}
