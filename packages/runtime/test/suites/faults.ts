/** Store and log fail, processes die, others write the same documents: nothing is lost, doubled or parked. */
import { afterEach, describe, expect, it } from 'vitest';
import { CRASH_POINTS, DOCUMENT_BOUNDS, type Faults, outputsWaiting, RunningService } from '../../src/index.ts';
import { TestClock } from '../../src/testing.ts';
import { type Fault, faulty, type Kind } from '../harness/adapters.ts';
import { commandOf, foreignEventOf } from '../harness/moves.ts';
import { AGENT, agentsService, callsService } from '../harness/services.ts';
import { firstOccurrences, foreign, NOW, noteOf, text, until, World } from '../harness/world.ts';

const NEVER_MS = 1e12;
const CALLS = ['c1', 'c2', 'c3'];
const NOTES = Array.from({ length: 24 }, (_, i) => `${CALLS[i % 3]}/${i}`);
const load = () => NOTES.map((note) => foreign(note, { callId: note.slice(0, 2), note, outputs: 2 }));
const heardOf = (callId: string) =>
  NOTES.filter((note) => note.startsWith(callId)).flatMap((note) => [note, `${note}.1`]);

/** Each note once in its call and with its agent, outputs in order per stream. */
async function expectWhole(world: World): Promise<void> {
  const heard = await world.heard(AGENT);
  expect(heard).toHaveLength(NOTES.length * 2);
  for (const callId of CALLS) {
    expect(await world.notes(callId)).toEqual(NOTES.filter((note) => note.startsWith(callId)));
    expect(heard.filter((note) => note.startsWith(callId))).toEqual(heardOf(callId));
  }
  const first = firstOccurrences(await world.records('call-events'));
  expect(first).toHaveLength(NOTES.length * 2);
  for (const stream of new Set(first.map(({ headers }) => text(headers.ce_stream)))) {
    const numbers = first
      .filter(({ headers }) => text(headers.ce_stream) === stream)
      .map(({ headers }) => Number(text(headers.ce_seq)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
  for (const service of world.services) expect(service.status.parked).toBe(0);
}

/** A process that saves, answers, and does not live to publish. */
function deadOnceSaved() {
  const life = { dead: false };
  const reached = (point: string) => {
    if (point === 'saved') life.dead = true;
  };
  const faults: Faults = { reached, deliveries: 1, fails: () => false };
  return { life, faults };
}

/** Whole, in spite of a fault in the way of each call of the calls service. */
async function survives(kind: Kind, of: 'log' | 'store', fault: Fault, meanwhile?: (world: World) => Promise<void>) {
  await World.with(kind, async (world) => {
    await world.send(...load());
    const faultyPart = of === 'log' ? { log: faulty(world.log, fault) } : { store: faulty(world.store, fault) };
    const wrapped = { ...faultyPart, sweepAfterMs: 100 }; // what a flush could not take out is swept
    await world.start(callsService(), wrapped);
    await world.start(agentsService(), wrapped);
    await meanwhile?.(world);
    await world.quiet();
    await expectWhole(world);
  });
}

/** Every nth call of these methods goes wrong. */
const every = (n: number, methods: readonly string[], wrong: Fault): Fault => {
  let count = 0;
  return (method, real, args) => {
    if (!methods.includes(method)) return real();
    count += 1;
    return count % n === 0 ? wrong(method, real, args) : real();
  };
};

const away = () => Promise.reject(new Error('away'));
/** Done, but the answer is lost. */
const answerLost: Fault = async (_, real) => {
  await real();
  throw new Error('no answer');
};

export const faultsSuite = (kind: Kind) =>
  describe(`faults on ${kind.name}`, () => {
    const bounds = { ...DOCUMENT_BOUNDS };
    afterEach(() => {
      Object.assign(DOCUMENT_BOUNDS, bounds);
    });

    it('loads, saves and look-ups that fail now and then', () =>
      survives(kind, 'store', every(3, ['load', 'save', 'marks', 'raise', 'query', 'due'], away)));

    it('saves whose answer is lost', () => survives(kind, 'store', every(2, ['save'], answerLost)));

    it('saves of which half are unknown, done or not', () => {
      let turn = 0;
      const unclear: Fault = async (_, real, args) => {
        turn += 1;
        if (turn % 2 === 0) return (args[1] as readonly unknown[]).map(() => 'unknown');
        return ((await real()) as readonly string[]).map(() => 'unknown');
      };
      return survives(kind, 'store', every(2, ['save'], unclear));
    });

    it('saves that are lost to nobody', () =>
      survives(
        kind,
        'store',
        every(2, ['save'], async (_, _real, args) => (args[1] as readonly unknown[]).map(() => 'lost')),
      ));

    it('appends that fail, and appends whose answer is lost', async () => {
      await survives(kind, 'log', every(2, ['append'], away));
      await survives(kind, 'log', every(2, ['append'], answerLost));
    });

    it('an append of which only the first half of each key was written', () =>
      World.with(kind, async (world) => {
        let cuts = 0;
        const half: Fault = async (_, _real, args) => {
          const records = args[0] as readonly Parameters<typeof world.log.append>[0][number][];
          cuts += 1;
          await world.log.append(records.slice(0, Math.ceil(records.length / 2)));
          throw new Error('half of it');
        };
        await world.send(...load());
        await world.start(callsService(), { log: faulty(world.log, every(2, ['append'], half)) });
        await world.start(agentsService());
        await world.quiet();
        expect(cuts).toBeGreaterThan(0);
        await expectWhole(world);
      }));

    it('a store that is away for a while is a pause with a figure, and nobody is parked', () => {
      let isAway = true;
      const fault: Fault = (_, real) => (isAway ? away() : real());
      return World.with(kind, async (world) => {
        const store = faulty(world.store, (method, real, args) =>
          method === 'declare' ? real() : fault(method, real, args),
        );
        const service = await world.start(callsService(), { store });
        await world.start(agentsService());
        await world.send(...load());
        await until('it is stalled', () => service.status.stalledMs > 0);
        expect(service.status.stallReason).toContain('away');
        isAway = false;
        await world.quiet();
        expect(service.status).toMatchObject({ stalledMs: 0, stallReason: null });
        await expectWhole(world);
      });
    });

    it('saves that stay unclear are a stall, not a silent turning, and end when the store is clear again', () =>
      World.with(kind, async (world) => {
        let unclear = true;
        const fault: Fault = async (method, real, args) =>
          unclear && method === 'save' ? (args[1] as readonly unknown[]).map(() => 'unknown') : real();
        const service = await world.start(callsService(), { store: faulty(world.store, fault) });
        await world.start(agentsService());
        await world.send(...load());
        await until('it is stalled', () => service.status.stallReason?.includes('unknown each time') ?? false);
        unclear = false;
        await world.quiet();
        await expectWhole(world);
      }));

    it('a payload that is not there yet is a pause', () =>
      World.with(kind, async (world) => {
        let absent = true;
        const fault: Fault = async (method, real, args) => {
          const found = (await real()) as readonly unknown[];
          return absent && method === 'load' && args[0] === 'payloads' ? found.map(() => undefined) : found;
        };
        await world.start(callsService());
        const agents = await world.start(agentsService(), { store: faulty(world.store, fault) });
        await world.send(foreign('e', { callId: 'c', note: 'large', pad: 300_000 }));
        await until('it is stalled', () => agents.status.stallReason?.includes('is not there yet') ?? false);
        absent = false;
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(['large']);
        expect(agents.status.parked).toBe(0);
      }));

    for (const point of CRASH_POINTS)
      it(`a process that dies when it has ${point} loses and doubles nothing`, () =>
        World.with(kind, async (world) => {
          Object.assign(DOCUMENT_BOUNDS, { inbox_hot_max: 2 }); // so small that it rolls over
          const share = 6;
          await world.send(...load().slice(0, share));
          const first = await world.start(callsService());
          await world.handledAll();
          await world.stop(first);
          for (let from = share; from < NOTES.length; from += share) {
            const life = { dead: false };
            const reached = (at: string) => {
              if (at !== point && !life.dead) return;
              life.dead = true;
              throw new Error('this process is dead');
            };
            const faults: Faults = { reached, deliveries: 1, fails: () => false };
            await world.send(...load().slice(from, from + share));
            const calls = await world.startMortal(life, callsService(), { faults });
            await until(`death after note ${from}`, () => life.dead);
            await world.stop(calls);
          }
          // Nothing was said over HTTP, so redelivery alone must bring out what the dead have saved.
          await world.start(callsService(), { sweepAfterMs: NEVER_MS });
          await world.start(agentsService());
          await world.handledAll();
          await expectWhole(world);
        }));

    it('what a process saved over HTTP and did not live to publish is published by another one', () =>
      World.with(kind, async (world) => {
        const { life, faults } = deadOnceSaved();
        const calls = await world.startMortal(life, callsService(), { faults });
        expect((await calls.dispatch([commandOf('k', { callId: 'c', note: 'a' })]))[0]?.status).toBe('done');
        await calls.stop();
        expect(await world.records('call-events')).toEqual([]);
        await world.start(agentsService());
        await world.start(callsService(), { sweepAfterMs: 0 });
        await until('it was swept', async () => (await world.heard(AGENT)).length > 0);
        expect((await world.records('call-events')).map(noteOf)).toContain('a');
        expect(await world.heard(AGENT)).toEqual(['a']);
      }));

    it('what a process left whose clock was ahead is published by another one, and not when that clock is reached', () =>
      World.with(kind, async (world) => {
        const { life, faults } = deadOnceSaved();
        const ahead = Object.assign(new TestClock(NOW), { wall: () => Date.now() + 3_600_000 });
        const calls = await world.startMortal(life, callsService(), { faults, clock: ahead });
        expect((await calls.dispatch([commandOf('k', { callId: 'c', note: 'a' })]))[0]?.status).toBe('done');
        await calls.stop();
        await world.start(agentsService());
        await world.start(callsService(), { sweepAfterMs: 60_000 });
        await until('it was swept', async () => (await world.heard(AGENT)).length > 0);
        expect(await world.heard(AGENT)).toEqual(['a']);
      }));

    it('who is only given commands leaves nothing to those that sweep', () =>
      World.with(kind, async (world) => {
        const definition = callsService();
        await world.start(definition);
        await world.stopAll();
        const { log, store, clock } = world;
        const guest = new RunningService(definition, { log, store, clock });
        expect((await guest.dispatch([commandOf('k', { callId: 'c', note: 'a' })]))[0]?.status).toBe('done');
        const services = [definition];
        await until('nothing waits', async () => (await outputsWaiting({ services, store })) === 0);
        expect((await world.records('call-events')).map(noteOf)).toContain('a');
        await guest.stop();
      }));

    it('two instances and HTTP on the same documents: each message once', () =>
      World.with(kind, async (world) => {
        const first = await world.start(callsService());
        const second = await world.start(callsService());
        await world.start(agentsService());
        await world.start(agentsService());
        const notes = Array.from({ length: 60 }, (_, i) => `n${i}`);
        const http = notes.map((note, i) => {
          const service = i % 2 === 0 ? first : second;
          return service.dispatch([commandOf(note, { callId: 'c', note: `http-${note}` })]);
        });
        const events = notes.map((note) =>
          Promise.all([
            world.send(foreign(note, { callId: 'c', note })),
            first.receive([foreignEventOf(note, { callId: 'c', note })]),
            second.receive([foreignEventOf(note, { callId: 'c', note })]),
          ]),
        );
        await Promise.all([...http, ...events]);
        await world.quiet();
        const expected = [...notes, ...notes.map((note) => `http-${note}`)].toSorted();
        expect((await world.notes('c')).toSorted()).toEqual(expected);
        expect((await world.heard(AGENT)).toSorted()).toEqual(expected);
      }));

    it('an outbox keeps what was added after the acknowledgement', () =>
      World.with(kind, async (world) => {
        // Each append is answered only after the document has got one more output.
        const service = await world.start(callsService(), {
          log: faulty(world.log, async (method, real) => {
            const answer = await real();
            if (method === 'append' && added < 5) {
              added += 1;
              void other.dispatch([commandOf(`k${added}`, { callId: 'c', note: `${added}` })]);
            }
            return answer;
          }),
        });
        let added = 0;
        const other = await world.start(callsService());
        await world.start(agentsService());
        await service.dispatch([commandOf('k0', { callId: 'c', note: '0' })]);
        await until('all arrived', async () => (await world.heard(AGENT)).length >= added + 1);
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(await world.notes('c'));
      }));
  });
