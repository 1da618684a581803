/** The database dies under running services, again and again. Nothing is lost, nothing doubled; they come back by themselves. */
import { openMongoStore } from '@coachloop/document-store/mongo';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { type MongoServer, mongoOrigin, startMongoHere } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../src/index.ts';
import type { Kind } from './harness/adapters.ts';
import { AGENT, agentsService, callsService } from './harness/services.ts';
import { foreign, until, World } from './harness/world.ts';

/** Only a server of our own may be killed. */
const canStart = (await mongoOrigin({ ...process.env, MONGODB_URI: '' })) === 'java';
const KILLS = 3;
const CALLS = 10;

describe.skipIf(!canStart)('a MongoDB that is killed under running services', () => {
  let server: MongoServer;
  beforeAll(async () => {
    server = await startMongoHere();
  });
  afterAll(() => server.stop());

  const kind: Kind = {
    name: 'mongo',
    open: async (clock) => {
      const log = createMemoryLog({ clock });
      const store = await openMongoStore({ uri: `${server.address}/?serverSelectionTimeoutMS=1000` });
      const close = () => log.close().then(() => store.close());
      return { log, store, close };
    },
  };

  it(
    'handles each event once, in order, after each restart',
    () =>
      World.with(kind, async (world) => {
        const calls = await world.start(callsService());
        const agents = await world.start(agentsService());
        const notes: string[] = [];
        const send = (count: number) => {
          const more = Array.from({ length: count }, (_, i) => `${(notes.length + i) % CALLS}/${notes.length + i}`);
          notes.push(...more);
          return world.send(...more.map((note) => foreign(note, { callId: `c${note.split('/')[0]}`, note })));
        };
        for (let i = 0; i < KILLS; i++) {
          const { handled } = calls.status;
          await send(200);
          await until('some of it is handled', () => calls.status.handled > handled + 20);
          await server.node?.kill();
          await send(50);
          await until('it is noticed', () => calls.status.stallReason !== null);
          await server.node?.start();
          await until('it goes on', () => calls.status.handled > handled + 100);
        }
        await world.quiet();
        for (let call = 0; call < CALLS; call++)
          expect(await world.notes(`c${call}`)).toEqual(notes.filter((note) => note.startsWith(`${call}/`)));
        expect([...(await world.heard(AGENT))].toSorted()).toEqual(notes.toSorted());
        expect([calls, agents].map(({ status }) => status.parked)).toEqual([0, 0]);
        const { log, store, clock } = world;
        const services = [callsService(), agentsService()];
        expect(await verify({ services, log, store, clock, live: false })).toMatchObject({ ok: true, violations: [] });
      }),
    240_000,
  );
});
