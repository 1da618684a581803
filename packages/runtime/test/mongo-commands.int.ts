/** What a batch costs on MongoDB: commands, counted by the driver's own events. */
import type { MongoCommand } from '@coachloop/document-store/mongo';
import type {} from '@coachloop/servers/vitest/mongo';
import { describe, expect, inject, it } from 'vitest';
import { NO_FAULTS, type RunningService } from '../src/index.ts';
import { mongo } from './harness/mongo.ts';
import { foreignEventOf } from './harness/moves.ts';
import { agentsService, callDocument, callsService } from './harness/services.ts';
import { foreign, until, World } from './harness/world.ts';

const server = inject('mongo');
/** Nothing but the batches runs: timers, sweeper and flush wait for longer than the test. */
const NEVER = { timersEveryMs: 3_600_000, sweepEveryMs: 3_600_000, flushEveryMs: 3_600_000 } as const;

async function withWorld(test: (world: World, commands: MongoCommand[]) => Promise<void>): Promise<void> {
  const commands: MongoCommand[] = [];
  await World.with(
    mongo(server, (command) => commands.push(command)),
    async (world) => {
      world.clock.sleepMsMax = 3_600_000;
      await test(world, commands);
    },
  );
}

const many = (count: number, name = 'c') =>
  Array.from({ length: count }, (_, i) => foreignEventOf(`${name}${i}`, { callId: `${name}${i}`, note: 'n' }));

async function receive(service: RunningService, count: number, name?: string): Promise<void> {
  const outcomes = await service.receive(many(count, name));
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(false);
}

describe.skipIf(server === '')('commands of a batch on MongoDB', () => {
  it.each([1, 40, 400])('one load and one save for a batch of %i, where there is no conflict', (count) =>
    withWorld(async (world, commands) => {
      const service = await world.start(callsService(), NEVER);
      for (const again of [false, true]) {
        commands.length = 0;
        await receive(service, count, 'c');
        // Seen before: it is loaded, and nothing has to be written.
        expect(commands.map(({ name, collection }) => [name, collection])).toEqual(
          again
            ? [['find', 'calls']]
            : [
                ['find', 'calls'],
                ['update', 'calls'],
              ],
        );
      }
    }),
  );

  it('one load and one save more for each retry', () =>
    withWorld(async (world, commands) => {
      let conflicts = 0;
      const faults = {
        ...NO_FAULTS,
        reached: async (point: string) => {
          if (point !== 'loaded' || conflicts >= 2) return;
          conflicts++;
          const id = callDocument('c0');
          const [document] = await world.store.load('calls', [id]);
          if (!document) throw new Error('it was made by the batch before');
          await world.store.save('calls', [
            { expectedVersion: document.version, document: { ...document, version: document.version + 1 } },
          ]);
        },
      };
      const plain = await world.start(callsService(), NEVER);
      await receive(plain, 30);
      const service = await world.start({ ...callsService(), consumes: {} }, { ...NEVER, faults });
      commands.length = 0;
      await service.receive(many(30).map((event) => ({ ...event, id: `again-${event.id}` })));
      const meddling = 2 * conflicts;
      expect(conflicts).toBe(2);
      expect(commands.filter(({ collection }) => collection === 'calls')).toHaveLength(2 + 2 * conflicts + meddling);
    }));

  it('one look-up and one raise more where inboxes spill', () =>
    withWorld(async (world, commands) => {
      const calls = await world.start(callsService(), NEVER);
      await world.start(agentsService(), NEVER);
      // Each call is a stream for the one agent that hears of all: beyond 64 they spill.
      const batches = 4;
      for (let i = 0; i < batches; i++) {
        world.clock.time += 1_000;
        await receive(calls, 60, `b${i}-`);
      }
      await until('the agent heard of all', async () => (await world.heard('agent-1')).length === batches * 60);
      const onInbox = commands.filter(
        ({ name, collection }) => collection === 'inbox' && name !== 'createIndexes',
      ).length;
      const handled = commands.filter(({ name, collection }) => name === 'update' && collection === 'agents').length;
      expect(onInbox).toBeGreaterThan(0);
      expect(onInbox).toBeLessThanOrEqual(2 * handled);
    }));

  it('a batch of a partition costs three at most', () =>
    withWorld(async (world, commands) => {
      let batches = 0;
      const faults = { ...NO_FAULTS, reached: (point: string) => void (point === 'committed' && batches++) };
      const records = Array.from({ length: 600 }, (_, i) => foreign(`f${i}`, { callId: `c${i}`, note: 'n' }));
      await world.send(...records);
      commands.length = 0;
      await world.start(callsService(), { ...NEVER, faults });
      await world.handledAll();
      const perBatch = commands.filter(({ collection }) => collection === 'calls').length / batches;
      expect(batches).toBeGreaterThan(0);
      expect(perBatch).toBeLessThanOrEqual(3);
    }));
});
