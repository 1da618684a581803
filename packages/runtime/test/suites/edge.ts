/** The edge: commands and foreign events over HTTP. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/index.ts';
import { DOCUMENT_BOUNDS } from '../../src/index.ts';
import { faulty, type Kind } from '../harness/adapters.ts';
import { commandOf, foreignEventOf } from '../harness/moves.ts';
import { AGENT, agentsService, type Broken, callsService } from '../harness/services.ts';
import { noteOf, until, World } from '../harness/world.ts';

const many = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`);
const settled = async (promises: readonly Promise<readonly Outcome[]>[]) =>
  (await Promise.allSettled(promises)).map((each) => (each.status === 'fulfilled' ? 'done' : each.reason.code));

export const edgeSuite = (kind: Kind) =>
  describe(`the edge on ${kind.name}`, () => {
    it('a command is answered once it is saved; its outputs follow; the same key gets the same reply, another body a conflict', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        await world.start(agentsService());
        const command = commandOf('k', { callId: 'c', note: 'a' });
        expect(await service.dispatch([command])).toEqual([{ status: 'done', reply: { number: 1 } }]);
        await service.dispatch([commandOf('k2', { callId: 'c', note: 'b' })]);
        expect(await service.dispatch([command])).toEqual([{ status: 'duplicate', reply: { number: 1 } }]);
        expect(await service.dispatch([commandOf('k', { callId: 'c', note: 'x' })])).toEqual([{ status: 'conflict' }]);
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'b']);
        expect(await world.heard(AGENT)).toEqual(['a', 'b']);
        expect(service.status).toMatchObject({ handled: 2, parked: 0 });
      }));

    it(`a document remembers its last ${DOCUMENT_BOUNDS.keys_max} keys`, () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        const keys = many(DOCUMENT_BOUNDS.keys_max + 1);
        for (const key of keys) await service.dispatch([commandOf(key, { callId: 'c', note: key })]);
        const statusOf = async (key: string | undefined) =>
          (await service.dispatch([commandOf(key ?? '', { callId: 'c', note: key ?? '' })]))[0]?.status;
        expect(await statusOf(keys[1])).toBe('duplicate');
        expect(await statusOf(keys.at(-1))).toBe('duplicate');
        expect(await world.notes('c')).toHaveLength(keys.length);
        expect(await statusOf(keys[0])).toBe('done'); // beyond what was promised
      }));

    it('what the domain refuses is rejected and leaves nothing; its siblings are done', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        const outcomes = await service.dispatch([
          commandOf('1', { callId: 'c', note: 'a' }),
          commandOf('2', { callId: 'c', note: 'refused' }),
          commandOf('3', { callId: 'd', note: 'refused' }),
          commandOf('4', { callId: 'c', note: 'b' }),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['done', 'rejected', 'rejected', 'done']);
        expect(outcomes[1]).toMatchObject({ error: { code: 'TEST_REFUSED' } });
        expect(await world.notes('c')).toEqual(['a', 'b']);
        expect(await service.count('calls')).toBe(1);
        await world.quiet();
        expect(await world.letters(service)).toEqual([]);
      }));

    it('a defect or a document that cannot be kept is an error of its own request alone', () =>
      World.with(kind, async (world) => {
        const broken: Broken = {
          handle: ({ data }) => {
            if ((data as { note: string }).note === 'defect') throw new TypeError('oops');
          },
        };
        const service = await world.start(callsService(broken));
        const outcomes = await Promise.all([
          service.dispatch([commandOf('1', { callId: 'c', note: 'defect' })]),
          service.dispatch([commandOf('2', { callId: 'c', note: 'big', stateBytes: 9_000_000 })]),
          service.receive([foreignEventOf('3', { callId: 'c', note: 'fine' })]),
        ]);
        expect(outcomes.flat()).toMatchObject([
          { status: 'rejected', error: { message: 'oops' } },
          { status: 'rejected', error: { code: 'RUNTIME_DOCUMENT_REFUSED', status: 422 } },
          { status: 'done' },
        ]);
        const nowhere = {
          ...commandOf('4', { callId: 'c', note: 'x' }),
          target: { collection: 'calls', id: 'x'.repeat(513) },
        };
        await expect(service.dispatch([nowhere])).rejects.toMatchObject({
          code: 'RUNTIME_TARGET_INVALID',
          status: 400,
        });
      }));

    it('a thousand requests at once are a few batches', () =>
      World.with(kind, async (world) => {
        let saves = 0;
        const store = faulty(world.store, (method, real) => {
          if (method === 'save') saves += 1;
          return real();
        });
        const service = await world.start(callsService(), { store, flushEveryMs: 60_000, timersEveryMs: 60_000 });
        const keys = many(1_000);
        await Promise.all(
          keys.map((key, i) => service.dispatch([commandOf(key, { callId: `c${i % 50}`, note: key })])),
        );
        expect(saves).toBeLessThan(100);
        await world.quiet([]);
        await until('all are published', async () => (await world.records('call-events')).length === 1_000);
        const notes = (await world.records('call-events')).map(noteOf);
        expect(new Set(notes).size).toBe(1_000);
      }));

    it('the queue is bounded: what does not fit is refused at once, with a time to come back', () =>
      World.with(kind, async (world) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const reached = (point: string) => (point === 'loaded' ? promise : undefined);
        const service = await world.start(callsService(), { faults: { reached, deliveries: 1, fails: () => false } });
        const batchOf = (name: string, count: number) =>
          many(count).map((key, i) => commandOf(`${name}${key}`, { callId: `c${i % 20}`, note: key }));
        const first = service.dispatch(batchOf('first', 10));
        await until('it is in hand', () => service.status.handled === 0);
        const full = Array.from({ length: 20 }, (_, i) => service.dispatch(batchOf(`${i}-`, 500)));
        const over = service.dispatch(batchOf('over', 20));
        await expect(over).rejects.toMatchObject({ code: 'RUNTIME_OVERLOADED', status: 429, retryAfter: 1 });
        resolve();
        expect(await first).toHaveLength(10);
        expect((await Promise.all(full)).flat().every(({ status }) => status === 'done')).toBe(true);
      }));

    it('while the services behind are too far behind, events from outside wait; commands do not', () =>
      World.with(kind, async (world) => {
        let retryAfter: number | null = 7;
        const service = await world.start(callsService(), { pressure: () => retryAfter });
        const event = foreignEventOf('e', { callId: 'c', note: 'a' });
        await expect(service.receive([event])).rejects.toMatchObject({ code: 'RUNTIME_OVERLOADED', retryAfter: 7 });
        expect((await service.dispatch([commandOf('k', { callId: 'c', note: 'b' })]))[0]?.status).toBe('done');
        retryAfter = null;
        expect((await service.receive([event]))[0]?.status).toBe('done');
      }));

    it('it refuses while the service is stalled, and comes back by itself', () =>
      World.with(kind, async (world) => {
        let away = true;
        const log = faulty(world.log, (method, real) =>
          away && method === 'append' ? Promise.reject(new Error('the log is away')) : real(),
        );
        const service = await world.start(callsService(), { log });
        // Saved and answered; publishing waits.
        expect((await service.dispatch([commandOf('1', { callId: 'c', note: 'a' })]))[0]?.status).toBe('done');
        await until('it is stalled', () => service.status.stalledMs > 1_000);
        expect(service.status.stallReason).toBe('publish: the log is away');
        const refused = service.dispatch([commandOf('2', { callId: 'c', note: 'b' })]);
        await expect(refused).rejects.toMatchObject({ code: 'RUNTIME_UNAVAILABLE', status: 503, retryAfter: 5 });
        away = false;
        await world.quiet();
        expect(service.status.stalledMs).toBe(0);
        expect((await world.records('call-events')).map(noteOf)).toEqual(['a']);
      }));

    it('a log that neither answers nor fails keeps nobody waiting for long', () =>
      World.with(kind, async (world) => {
        const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
        const log = faulty(world.log, async (method, real) => {
          if (method === 'append') await answered;
          return real();
        });
        const service = await world.start(callsService(), { log });
        const note = (key: string) => service.dispatch([commandOf(key, { callId: 'c', note: key })]);
        expect((await note('saved'))[0]?.status).toBe('done');
        const waiting = note('waiting');
        world.clock.wall = () => Date.now() + 6_000;
        const refusal = { code: 'RUNTIME_UNAVAILABLE', status: 503, retryAfter: 5 };
        await expect(waiting).rejects.toMatchObject(refusal);
        await expect(note('late')).rejects.toMatchObject(refusal);
        answer();
        await world.quiet();
        expect((await note('again'))[0]?.status).toBe('done');
        await world.quiet();
        expect((await world.records('call-events')).map(noteOf)).toEqual(['saved', 'again']);
      }));

    it('a store that is away is an answer, not a wait; the same key may come again', () =>
      World.with(kind, async (world) => {
        let away = true;
        const store = faulty(world.store, (method, real) =>
          away && method === 'save' ? Promise.reject(new Error('away')) : real(),
        );
        const service = await world.start(callsService(), { store });
        const command = commandOf('k', { callId: 'c', note: 'a' });
        await expect(service.dispatch([command])).rejects.toMatchObject({ code: 'RUNTIME_UNAVAILABLE' });
        away = false;
        expect((await service.dispatch([command]))[0]?.status).toBe('done');
      }));

    it('stopping finishes what is in hand, refuses what waits, and takes no more', () =>
      World.with(kind, async (world) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        let held = 0;
        const reached = (point: string) => {
          if (point !== 'loaded') return undefined;
          held += 1;
          return promise;
        };
        const service = await world.start(callsService(), { faults: { reached, deliveries: 1, fails: () => false } });
        const inHand = service.dispatch([commandOf('1', { callId: 'c', note: 'a' })]);
        await until('it is in hand', () => held > 0);
        const waiting = service.dispatch([commandOf('2', { callId: 'c', note: 'b' })]);
        const outcomes = settled([inHand, waiting]);
        await Promise.resolve();
        world.clock.sleepMsMax = 60_000; // the bound of stopping is the real one
        const stopped = service.stop();
        const late = settled([service.dispatch([commandOf('3', { callId: 'c', note: 'c' })])]);
        resolve();
        await stopped;
        expect(await outcomes).toEqual(['done', 'RUNTIME_STOPPED']);
        expect(await late).toEqual(['RUNTIME_STOPPED']);
        expect(await world.notes('c')).toEqual(['a']);
        expect((await world.records('call-events')).map(noteOf)).toEqual(['a']);
      }));

    it('stopping does not wait for ever for a store that hangs', () =>
      World.with(kind, async (world) => {
        let hangs = false;
        const store = faulty(world.store, (method, real) =>
          hangs && method === 'load' ? new Promise(() => undefined) : real(),
        );
        const service = await world.start(callsService(), { store });
        hangs = true;
        const lost = settled([service.dispatch([commandOf('1', { callId: 'c', note: 'a' })])]);
        await Promise.resolve();
        await service.stop();
        expect(await Promise.race([lost, Promise.resolve('unanswered')])).toBe('unanswered');
      }));
  });
