/** Timers: once, at the right moment, and never before what came earlier was handled. */
import { partitionOf } from '@coachloop/event-log';
import { describe, expect, it } from 'vitest';
import type { Kind } from '../harness/adapters.ts';
import { AGENT, agentsService, type Broken, callDocument, callsService } from '../harness/services.ts';
import { foreign, NOW, until, World } from '../harness/world.ts';

const HOUR_MS = 3_600_000;
/** The event happened a minute before now. */
const WAKE_AT = NOW - 60_000 + HOUR_MS;

const wakeOf = async (world: World, callId: string) =>
  (await world.store.load('calls', [callDocument(callId)]))[0]?.wakeAt;

export const timersSuite = (kind: Kind) =>
  describe(`timers on ${kind.name}`, () => {
    it('a timer fires once, when its time has come, with the time that was set', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.send(foreign('e', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }));
        await world.quiet();
        expect(await wakeOf(world, 'c')).toBe(WAKE_AT);
        world.clock.time = WAKE_AT - 1;
        await world.send(foreign('f', { callId: 'd', note: 'meanwhile' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a']);
        world.clock.time = WAKE_AT + 5 * HOUR_MS;
        await until('it fired', async () => (await world.notes('c')).length > 1);
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', `woken@${WAKE_AT}`]);
        expect(await wakeOf(world, 'c')).toBeNull();
      }));

    it('a timer that was set anew fires at the new time alone', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.send(
          foreign('e', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }),
          foreign('f', { callId: 'c', note: 'b', wakeAfterMs: 2 * HOUR_MS }),
        );
        await world.quiet();
        world.clock.time = WAKE_AT + 1;
        await world.send(foreign('g', { callId: 'd', note: 'x' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'b']);
        world.clock.time = WAKE_AT + HOUR_MS;
        await until('it fired', async () => (await world.notes('c')).length > 2);
        expect((await world.notes('c')).slice(2)).toEqual([`woken@${WAKE_AT + HOUR_MS}`]);
      }));

    it('after an outage the backlog comes first: what was appended in time cancels the timer', () =>
      World.with(kind, async (world) => {
        const first = await world.start(callsService());
        await world.send(foreign('e', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }));
        await world.quiet();
        await first.stop();
        await world.send(foreign('f', { callId: 'c', note: 'in time' })); // it clears the timer
        world.clock.time = WAKE_AT + HOUR_MS;
        let held = true;
        const { promise, resolve } = Promise.withResolvers<void>();
        const reached = (point: string) => (point === 'loaded' && held ? promise : undefined);
        let looks = 0;
        const store = new Proxy(world.store, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (name === 'due') looks += 1;
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
        await world.start(callsService(), { store, faults: { reached, deliveries: 1, fails: () => false } });
        await until('the timers were looked at while the backlog waits', () => looks > 20);
        expect(await world.notes('c')).toEqual(['a']);
        held = false;
        resolve();
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'in time']);
      }));

    it('with two instances on the same documents each timer fires once', () =>
      World.with(kind, async (world) => {
        const ids = Array.from({ length: 40 }, (_, i) => `c${i}`);
        await world.start(callsService());
        await world.start(callsService());
        await world.send(...ids.map((callId) => foreign(callId, { callId, note: 'a', wakeAfterMs: HOUR_MS })));
        await world.quiet();
        world.clock.time = WAKE_AT;
        await until('all fired', async () => {
          const all = await Promise.all(ids.map((id) => world.notes(id)));
          return all.every((notes) => notes.length > 1);
        });
        await world.quiet();
        for (const id of ids) expect(await world.notes(id)).toEqual(['a', `woken@${WAKE_AT}`]);
      }));

    it('a timer that throws is parked, and fires when it is replayed', () =>
      World.with(kind, async (world) => {
        const broken: Broken = {
          handle: ({ kind }) => {
            if (kind === 'timer') throw new Error('not awake');
          },
        };
        const service = await world.start(callsService(broken));
        await world.send(foreign('e', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }));
        await world.quiet();
        world.clock.time = WAKE_AT;
        await until('it is parked', async () => (await world.letters(service)).length === 1);
        await world.quiet();
        expect(await wakeOf(world, 'c')).toBeNull();
        delete broken.handle;
        for (const key of ['1', '2']) await world.replayAll(service, key);
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', `woken@${WAKE_AT}`]);
        expect((await world.letters(service)).map(({ state }) => state.status)).toEqual(['replayed']);
      }));

    it('a lane that stands still does not take the places of the others: their timers fire', () =>
      World.with(kind, async (world) => {
        const held = 'c0';
        const lane = partitionOf(held, 12);
        const stuck = Array.from({ length: 600 }, (_, i) => `stuck${i}`);
        const free = Array.from({ length: 50 }, (_, i) => `f${i}`).find((id) => partitionOf(id, 12) !== lane) as string;
        const broken: Broken = {};
        const service = await world.start(callsService(broken));
        await world.send(
          ...stuck.map((callId) => ({
            ...foreign(callId, { callId, note: 'a', wakeAfterMs: HOUR_MS }),
            key: held,
          })),
        );
        await world.send(foreign('free', { callId: free, note: 'a', wakeAfterMs: HOUR_MS + 1 }));
        await world.quiet();
        broken.handle = (message) => {
          if ((message.data as { note?: string } | null)?.note === 'hold') throw new Error('hold');
        };
        const bad = Array.from({ length: 33 }, (_, i) => foreign(`hold${i}`, { callId: held, note: 'hold' }));
        await world.send(...bad);
        await until('its partition stands', () => service.status.stallReason?.includes('32 open') ?? false);
        world.clock.time = WAKE_AT + HOUR_MS;
        await until('the free one fired', async () => (await world.notes(free)).length === 2);
        expect(await world.notes('stuck0')).toEqual(['a']);
        delete broken.handle;
        await until('the rest fired', async () => (await world.notes('stuck599')).length === 2);
      }));

    it('the outputs of a timer are published as those of any message', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.start(agentsService());
        await world.send(foreign('e', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }));
        await world.quiet();
        world.clock.time = WAKE_AT;
        await until('it fired', async () => (await world.heard(AGENT)).length === 2);
        expect(await world.heard(AGENT)).toEqual(['a', `woken@${WAKE_AT}`]);
      }));
  });
