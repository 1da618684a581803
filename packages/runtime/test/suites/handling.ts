/** What handling promises when nothing fails: each effect once, in order, with derived ids. */

import { describe, expect, it } from 'vitest';
import type { Kind } from '../harness/adapters.ts';
import { foreignEventOf, resetToStart } from '../harness/moves.ts';
import { AGENT, agentsService, callDocument, callsService } from '../harness/services.ts';
import { dataOfRecord, firstOccurrences, foreign, noteOf, text, World } from '../harness/world.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export const handlingSuite = (kind: Kind) =>
  describe(`handling on ${kind.name}`, () => {
    it('an event has its effect once in each consuming aggregate, and one output', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.start(agentsService());
        await world.send(foreign('e1', { callId: 'c', note: 'a' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a']);
        expect(await world.heard(AGENT)).toEqual(['a']);
        expect((await world.records('call-events')).map(noteOf)).toEqual(['a']);
        expect(await world.records('notification-events')).toHaveLength(1);
      }));

    it('ids are derived: two installations that saw the same events wrote the same ids, streams and numbers', async () => {
      const headersOf = () => {
        let found: unknown;
        return World.with(kind, async (world) => {
          await world.start(callsService());
          await world.send(...['a', 'b'].map((note) => foreign(note, { callId: 'c', note, outputs: 2 })));
          await world.quiet();
          found = (await world.records('call-events')).map(({ headers }) =>
            ['ce_id', 'ce_stream', 'ce_seq', 'ce_source'].map((name) => text(headers[name])),
          );
        }).then(() => found);
      };
      const first = await headersOf();
      expect(first).toHaveLength(4);
      expect(await headersOf()).toEqual(first);
    });

    it('order holds per document, over many batches and documents', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.start(agentsService());
        const calls = ['c1', 'c2', 'c3', 'c4'];
        for (let i = 0; i < 30; i += 1)
          await world.send(...calls.map((callId) => foreign(`${callId}-${i}`, { callId, note: `${callId}/${i}` })));
        await world.quiet();
        const heard = await world.heard(AGENT);
        for (const callId of calls) {
          const expected = Array.from({ length: 30 }, (_, i) => `${callId}/${i}`);
          expect(await world.notes(callId)).toEqual(expected);
          expect(heard.filter((note) => note.startsWith(`${callId}/`))).toEqual(expected);
        }
      }));

    it('a message that is delivered twice, or a log that is read again from its start, changes nothing', () =>
      World.with(kind, async (world) => {
        const faults = { reached: () => undefined, deliveries: 2, fails: () => false };
        const calls = await world.start(callsService(), { faults });
        const agents = await world.start(agentsService(), { faults });
        await world.send(...[1, 2, 3].map((i) => foreign(`e${i}`, { callId: 'c', note: `${i}`, outputs: 2 })));
        await world.quiet();
        const before = [await world.notes('c'), await world.heard(AGENT)];
        const count = (await world.records('call-events')).length;
        await calls.stop();
        await agents.stop();
        await resetToStart(world, calls, agents);
        await world.start(callsService());
        await world.start(agentsService());
        await world.quiet();
        expect([await world.notes('c'), await world.heard(AGENT)]).toEqual(before);
        expect(before).toEqual([
          ['1', '2', '3'],
          ['1', '1.1', '2', '2.1', '3', '3.1'],
        ]);
        expect(await world.records('call-events')).toHaveLength(count);
      }));

    it('an agent that has heard of more calls than its inbox holds tells each repetition apart, and goes on with each stream', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        const agents = await world.start(agentsService());
        const calls = Array.from({ length: 200 }, (_, i) => `c${i}`);
        const say = (suffix: string) =>
          calls.map((callId) => foreign(callId + suffix, { callId, note: callId + suffix }));
        for (let i = 0; i < calls.length; i += 20) {
          await world.send(...say('a').slice(i, i + 20));
          await world.quiet();
        }
        expect((await world.store.scanMarks('inbox', { limit: 1_000 })).length).toBeGreaterThan(100);
        await world.send(...say('b'));
        await world.quiet();
        const before = await world.heard(AGENT);
        expect(before).toHaveLength(400);
        await agents.stop();
        await resetToStart(world, agents);
        await world.start(agentsService());
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(before);
      }));

    it('a foreign event that comes by bus and by HTTP is the same one; other content under its id is refused or parked once', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        const data = { callId: 'c', note: 'a' };
        await world.send(foreign('e1', data));
        await world.quiet();
        const outcomes = await service.receive([
          foreignEventOf('e1', data),
          foreignEventOf('e1', { ...data, note: 'other' }),
          foreignEventOf('e2', { ...data, note: 'b' }),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['duplicate', 'conflict', 'done']);
        const other = foreign('e1', { callId: 'c', note: 'other' });
        await world.send(other, other, foreign('e1', data));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'b']);
        const letters = await world.letters(service);
        expect(letters.map(({ state }) => state.code)).toEqual(['EVENT_ID_REUSED']);
      }));

    it('the other content may be replayed: it runs once, and its outputs have ids of their own', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        await world.send(foreign('e1', { callId: 'c', note: 'a' }));
        await world.send(foreign('e1', { callId: 'c', note: 'other' }));
        await world.quiet();
        await world.replayAll(service, 'first');
        await world.quiet();
        await world.send(foreign('e1', { callId: 'c', note: 'other' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'other']);
        const ids = (await world.records('call-events')).map(({ headers }) => text(headers.ce_id));
        expect(new Set(ids).size).toBe(2);
        expect((await world.letters(service)).map(({ state }) => state.status)).toEqual(['replayed']);
      }));

    it('a trace is carried from the message to what it brings about, through both services', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.start(agentsService());
        await world.send(foreign('e1', { callId: 'c', note: 'a' }, { traceparent: TRACE }));
        await world.quiet();
        const [first] = await world.records('call-events');
        const [second] = await world.records('notification-events');
        for (const record of [first, second])
          expect(text(record?.headers.traceparent)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
        expect(text(first?.headers.traceparent)).not.toBe(text(second?.headers.traceparent));
      }));

    it('a deleted document goes on counting, and what it handled stays handled', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        const agents = await world.start(agentsService());
        const first = foreign('e1', { callId: 'c', note: 'a' });
        await world.send(first, foreign('e2', { callId: 'c', note: 'gone', drop: true }));
        await world.quiet();
        expect(await world.call('c')).toBeNull();
        await world.send(first, foreign('e3', { callId: 'c', note: 'again' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['again']);
        expect(await world.heard(AGENT)).toEqual(['a', 'gone', 'again']);
        const numbers = firstOccurrences(await world.records('call-events')).map(({ headers }) => text(headers.ce_seq));
        expect(numbers).toEqual(['1', '2', '3']);
        expect(agents.status.parked).toBe(0);
      }));

    it('a payload over the bound travels by reference and arrives whole', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        const agents = await world.start(agentsService());
        await world.send(foreign('e1', { callId: 'c', note: 'large', pad: 300_000 }));
        await world.quiet();
        const [record] = await world.records('call-events');
        expect(record && text(record.headers.ce_dataref)).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(record && text(record.value ?? undefined)).toBe('null');
        expect(await world.heard(AGENT)).toEqual(['large']);
        const pads: number[] = [];
        for await (const events of agents.events({ topics: ['call-events'], from: 'start' }))
          for (const { event } of events) pads.push((event.data as { pad: string }).pad.length);
        expect(pads).toEqual([300_000]);
      }));

    it('many large payloads in one batch are fetched in portions, and all of them handled', () =>
      World.with(kind, async (world) => {
        const notes = Array.from({ length: 40 }, (_, i) => `${i}`);
        await world.start(callsService());
        await world.send(...notes.map((note) => foreign(note, { callId: 'c', note, pad: 270_000 })));
        await world.quiet();
        await world.start(agentsService());
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(notes);
      }));

    it('what is emitted keeps the time that was given, else it has the time of handling', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.send(foreign('e1', { callId: 'c', note: 'a', emitTime: Date.UTC(2025, 0, 1) }));
        await world.send(foreign('e2', { callId: 'c', note: 'b' }));
        await world.quiet();
        const times = (await world.records('call-events')).map(({ headers }) => text(headers.ce_time));
        expect(times).toEqual(['2025-01-01T00:00:00.000Z', new Date(world.clock.now()).toISOString()]);
      }));

    it('an event of a type that nobody listens to passes by, read or not', () =>
      World.with(kind, async (world) => {
        const agents = await world.start(agentsService());
        const record = foreign('e1', { callId: 'c' }, { ce_type: 'call.wrapup.ended' });
        await world.log.append([{ ...record, topic: 'call-events', value: Buffer.from('{') }]);
        await world.quiet();
        expect(agents.status).toMatchObject({ handled: 0, parked: 0 });
      }));

    it('documents are there for queries, without the kernel', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        await world.send(foreign('e1', { callId: 'c', note: 'a' }));
        await world.quiet();
        const [found] = await service.load<{ notes: string[] }>('calls', [callDocument('c'), 'nobody']);
        expect(found).toMatchObject({ id: callDocument('c'), wakeAt: null, state: { notes: ['a'] } });
        expect(await service.count('calls')).toBe(1);
        expect(dataOfRecord((await world.records('call-events'))[0] as never).callId).toBe(callDocument('c'));
      }));
  });
