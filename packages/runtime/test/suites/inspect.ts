/** `verify` finds nothing where nothing is wrong, and each thing that is; `digest` sees what was said, not when or in which order. */
import type { JsonObject, StoredDocument } from '@coachloop/document-store';
import type { NewRecord } from '@coachloop/event-log';
import { describe, expect, it } from 'vitest';
import { digest, lettersCollection, type Progress, verify } from '../../src/index.ts';
import type { Kind } from '../harness/adapters.ts';
import { commandOf } from '../harness/moves.ts';
import { AGENT, agentsService, callDocument, callsService } from '../harness/services.ts';
import { foreign, text, World } from '../harness/world.ts';

const SERVICES = [callsService(), agentsService()];
const HOUR_MS = 3_600_000;

const verifyWorld = ({ log, store, clock }: World, live = false) =>
  verify({ services: SERVICES, log, store, clock, live });

/** A little of everything: calls, spilled inboxes, an open letter, an unreadable event, a timer, payloads, HTTP, a deleted call. */
async function history(world: World): Promise<void> {
  const calls = await world.start(callsService());
  await world.start(agentsService());
  const many = Array.from({ length: 80 }, (_, i) => `call${i}`);
  for (let i = 0; i < many.length; i += 8)
    await world.send(...many.slice(i, i + 8).map((callId) => foreign(callId, { callId, note: callId })));
  await world.send(
    foreign('r', { callId: 'c', note: 'refused' }),
    foreign('w', { callId: 'c', note: 'a', wakeAfterMs: HOUR_MS }),
    foreign('p', { callId: 'd', note: 'large', pad: 300_000 }),
    foreign('u', { callId: 'd' }, { ce_type: 'call.exploded' }),
    foreign('g', { callId: 'g', note: 'gone', drop: true }),
  );
  await calls.dispatch([commandOf('k', { callId: 'c', note: 'b', wakeAfterMs: HOUR_MS })]);
  await world.quiet();
}

type Change = (document: StoredDocument) => Partial<StoredDocument>;

async function change(world: World, collection: string, id: string, by: Change): Promise<void> {
  const [document] = await world.store.load(collection, [id]);
  if (!document) throw new Error(`There is no ${collection}/${id}.`);
  const { version } = document;
  const verdicts = await world.store.save(collection, [
    { expectedVersion: version, document: { ...document, ...by(document), version: version + 1 } },
  ]);
  expect(verdicts).toEqual(['won']);
}

const body =
  (by: (body: JsonObject) => JsonObject): Change =>
  (document) => ({
    body: { ...document.body, ...by(document.body) },
  });

/** A record of the log once more, with other headers. */
async function copyOf(world: World, headers: Record<string, string>): Promise<NewRecord> {
  const record = (await world.records('call-events')).at(-1);
  if (!record) throw new Error('The log is empty.');
  const added = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]);
  return { ...record, key: record.key ?? '', headers: { ...record.headers, ...Object.fromEntries(added) } };
}

const C = callDocument('c');

const TAMPERINGS: readonly { rule: string; how: (world: World) => Promise<void> }[] = [
  {
    rule: 'document-unreadable',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(() => ({ schema: 9 })),
      ),
  },
  {
    rule: 'document-unreadable',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(() => ({ outbox: null, inbox: null })),
      ),
  },
  {
    rule: 'outbox-numbers',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(() => ({ outbox: [{ n: 99, topic: 'call-events', key: '' }] })),
      ),
  },
  {
    rule: 'holes',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(() => ({ holes: 7 })),
      ),
  },
  {
    rule: 'keys-bound',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(() => ({ keys: Array.from({ length: 65 }, (_, i) => ({ key: `${i}`, hash: '' })) })),
      ),
  },
  {
    rule: 'inbox-stream-twice',
    how: (w) =>
      change(
        w,
        'agents',
        AGENT,
        body(({ inbox }) => ({ inbox: [...(inbox as []), ...(inbox as []).slice(0, 1)] })),
      ),
  },
  {
    rule: 'letter-missing',
    how: async (w) => {
      const collection = lettersCollection('test-calls');
      await w.store.delete(
        collection,
        (await w.store.scan(collection)).map(({ id }) => id),
      );
    },
  },
  {
    rule: 'hole-missing',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(({ inbox }) => ({
          holes: null,
          inbox: (inbox as { holes: number[] }[]).map((entry) => ({ ...entry, holes: [] })) as never,
        })),
      ),
  },
  {
    rule: 'timer-overdue',
    how: async (w) => {
      w.clock.time += 2 * HOUR_MS;
    },
  },
  {
    rule: 'stream-order',
    how: async (w) => {
      for (const seq of ['8', '7'])
        await w.log.append([await copyOf(w, { ce_stream: 'other', ce_seq: seq, ce_id: `id-${seq}` })]);
    },
  },
  { rule: 'stream-id', how: async (w) => void (await w.log.append([await copyOf(w, { ce_id: 'another' })])) },
  { rule: 'id-unique', how: async (w) => void (await w.log.append([await copyOf(w, { ce_seq: '77' })])) },
  {
    rule: 'output-lost',
    how: (w) =>
      change(
        w,
        'calls',
        C,
        body(({ n }) => ({ n: (n as number) + 1 })),
      ),
  },
  { rule: 'event-unreadable', how: async (w) => void (await w.log.append([await copyOf(w, { ce_born: 'never' })])) },
  {
    rule: 'event-lost',
    how: (w) =>
      change(
        w,
        'agents',
        AGENT,
        body(() => ({ inbox: [] })),
      ), // some of it stands in no mark yet: those of the last batch are never spilled
  },
  {
    rule: 'event-lost',
    how: async (w) => {
      const marks = await w.store.scanMarks('inbox', { limit: 1_000 });
      expect(marks.length).toBeGreaterThan(30);
      await change(
        w,
        'agents',
        AGENT,
        body(() => ({ born: 1 })),
      ); // its spilled marks are of another document now
    },
  },
  {
    rule: 'payload',
    how: async (w) =>
      w.store.delete(
        'payloads',
        (await w.store.scan('payloads')).map(({ id }) => id),
      ),
  },
  {
    rule: 'payload',
    how: async (w) => {
      const [payload] = await w.store.scan('payloads');
      await change(
        w,
        'payloads',
        payload?.id ?? '',
        body(() => ({ text: '{}' })),
      );
    },
  },
];

export const inspectSuite = (kind: Kind) =>
  describe(`inspection on ${kind.name}`, () => {
    it('finds nothing wrong in a history with letters, timers, spilled inboxes and payloads, live or at rest', () =>
      World.with(kind, async (world) => {
        await history(world);
        const live = await verifyWorld(world, true);
        expect(live).toMatchObject({ ok: true, violations: [], notes: [] });
        expect(live.documents).toBeGreaterThan(80);
        expect(live.events).toBeGreaterThan(160);
        await world.stopAll();
        expect(await verifyWorld(world)).toMatchObject({ ok: true, violations: [] });
      }));

    it('finds nothing wrong while events are being handled, published and repeated', () =>
      World.with(kind, async (world) => {
        const faults = { reached: () => undefined, deliveries: 2, fails: () => false };
        await world.start(callsService(), { faults, sweepAfterMs: 0 });
        await world.start(agentsService(), { faults });
        const progress: Progress[] = [];
        let sent = 0;
        const sending = (async () => {
          for (; sent < 300; sent += 1)
            await world.send(foreign(`${sent}`, { callId: `c${sent % 9}`, note: sent % 50 ? `${sent}` : 'refused' }));
        })();
        for (let i = 0; i < 3; i += 1) {
          const { log, store, clock } = world;
          const onProgress = (each: Progress) => progress.push(each);
          const found = await verify({ services: SERVICES, log, store, clock, live: true, onProgress });
          expect(found.violations).toEqual([]);
        }
        await sending;
        await world.quiet();
        expect((await verifyWorld(world, true)).violations).toEqual([]);
        expect(progress.map(({ step }) => step)).toContain('what test-agents has handled');
      }));

    for (const { rule, how } of TAMPERINGS)
      it(`finds ${rule}`, () =>
        World.with(kind, async (world) => {
          await history(world);
          await world.stopAll();
          await how(world);
          const found = await verifyWorld(world, rule === 'timer-overdue');
          expect(found.ok).toBe(false);
          expect(found.violations.map((violation) => violation.rule)).toContain(rule);
        }));

    it('a digest is the same for other batches and another order, and changes with what was said', async () => {
      const digestOf = async (notes: readonly string[], together: boolean) => {
        let found: unknown;
        await World.with(kind, async (world) => {
          await world.start(callsService());
          await world.start(agentsService());
          const records = notes.map((note) => foreign(note, { callId: note, note }));
          if (together) await world.send(...records);
          else for (const record of records) await world.send(record);
          await world.quiet();
          found = await digest({ services: SERVICES, store: world.store });
        });
        return found;
      };
      const first = await digestOf(['a', 'b', 'c', 'd'], true);
      expect(first).toEqual([
        { kind: 'agents', documents: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { kind: 'calls', documents: 4, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ]);
      expect(await digestOf(['d', 'b', 'a', 'c'], false)).toEqual(first);
      expect(await digestOf(['a', 'b', 'c', 'e'], true)).not.toEqual(first);
    });

    it('says which record it means', () =>
      World.with(kind, async (world) => {
        await history(world);
        const record = (await world.records('call-events')).at(-1);
        await world.stopAll();
        await world.log.append([await copyOf(world, { ce_id: 'another' })]);
        const [violation] = (await verifyWorld(world)).violations;
        expect(violation?.where).toMatch(/^call-events\/\d+\/\d+$/);
        expect(violation?.detail).toContain(`is another here, and ${text(record?.headers.ce_id)} before`);
      }));
  });
