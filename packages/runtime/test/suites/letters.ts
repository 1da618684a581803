/** Dead letters: parked alone, replayed exactly, bounded, and never in the way of others until the bound. */
import { type Message, retryTopic } from '@coachloop/contracts';
import type { EventLog, LogRecord } from '@coachloop/event-log';
import { describe, expect, it } from 'vitest';
import { DISCARD_COMMAND, intakeCollection, lettersCollection, type RunningService } from '../../src/index.ts';
import type { Kind } from '../harness/adapters.ts';
import { resetToStart } from '../harness/moves.ts';
import { AGENT, type Asked, agentsService, type Broken, callDocument, callsService } from '../harness/services.ts';
import { foreign, text, until, World } from '../harness/world.ts';

const BAD = 'bad';
const failing = (...notes: readonly string[]): Broken => ({
  handle: ({ data }: Message) => {
    const { note } = data as Asked;
    if (note !== undefined && notes.includes(note)) throw new TypeError(`cannot handle ${note}`);
  },
});

const codes = async (world: World, service: RunningService) =>
  (await world.letters(service)).map(({ state }) => `${state.code} ${state.status}`);

const openHoles = async (world: World, collection: string, id: string) =>
  (await world.store.load(collection, [id]))[0]?.body.holes;

export const lettersSuite = (kind: Kind) =>
  describe(`dead letters on ${kind.name}`, () => {
    it('poison is parked alone; its siblings of the batch and of the same document are saved', () =>
      World.with(kind, async (world) => {
        const broken = failing(BAD);
        await world.send(
          ...['a', BAD, 'b'].map((note) => foreign(note, { callId: 'c', note })),
          foreign('other', { callId: 'd', note: 'x' }),
        );
        const service = await world.start(callsService(broken));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'b']);
        expect(await world.notes('d')).toEqual(['x']);
        expect(await codes(world, service)).toEqual(['TRANSITION_FAILED open']);
        expect(service.status).toMatchObject({ parked: 1, stalledMs: 0 });
        const [letter] = await world.letters(service);
        expect(letter?.state.letter).toMatchObject({
          group: 'test-calls',
          collection: 'calls',
          aggregate: callDocument('c'),
          reason: { message: `TypeError: cannot handle ${BAD}` },
          origin: { topic: 'call-intake' },
        });
      }));

    it('a refusal of the domain is parked with its own code and pointer', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        await world.send(foreign('e', { callId: 'c', note: 'refused' }));
        await world.quiet();
        const [letter] = await world.letters(service);
        expect(letter?.state.letter?.reason).toEqual({
          code: 'TEST_REFUSED',
          message: 'This one is refused.',
          pointer: '/note',
        });
      }));

    it('a transition that throws once runs after one more load, and nothing is parked', () =>
      World.with(kind, async (world) => {
        let thrown = 0;
        const broken: Broken = {
          handle: () => {
            thrown += 1;
            if (thrown === 1) throw new Error('once');
          },
        };
        const service = await world.start(callsService(broken));
        await world.send(foreign('e', { callId: 'c', note: 'a' }));
        await world.quiet();
        expect(thrown).toBe(2);
        expect(await world.notes('c')).toEqual(['a']);
        expect(await world.letters(service)).toEqual([]);
      }));

    it('a replay runs once however often it is asked for, and the letter says so', () =>
      World.with(kind, async (world) => {
        const broken = failing(BAD);
        const service = await world.start(callsService(broken));
        await world.start(agentsService());
        await world.send(...[BAD, 'later'].map((note) => foreign(note, { callId: 'c', note })));
        await world.quiet();
        await world.replayAll(service, 'in vain');
        await world.quiet();
        expect(await codes(world, service)).toEqual(['TRANSITION_FAILED open']);
        delete broken.handle;
        // Three replays of one letter, all before the first is handled: each finds the letter open.
        for (const key of ['1', '2', '3']) await world.replayAll(service, key);
        await world.quiet();
        expect(await world.notes('c')).toEqual(['later', BAD]);
        expect(await world.heard(AGENT)).toEqual(['later', BAD]);
        expect(await codes(world, service)).toEqual(['TRANSITION_FAILED replayed']);
        expect(await openHoles(world, 'calls', callDocument('c'))).toBeNull();
        await resetAndRestart(world, service);
        expect(await world.notes('c')).toEqual(['later', BAD]);
      }));

    it('a letter is discarded with a reason; it is not open a second time', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService(failing(BAD)));
        await world.send(foreign('e', { callId: 'c', note: BAD }));
        await world.quiet();
        const [letter] = await world.letters(service);
        const { stream, seq } = letter?.state.letter ?? {};
        const discard = (key: string) =>
          service.dispatch([
            {
              target: { collection: 'calls', id: callDocument('c') },
              type: DISCARD_COMMAND,
              data: { stream, seq, reason: 'a test call' },
              key,
              laneKey: 'c',
            },
          ]);
        expect(await discard('k1')).toEqual([{ status: 'done', reply: { discarded: true } }]);
        expect((await discard('k2'))[0]).toMatchObject({ status: 'rejected', error: { code: 'DEAD_LETTER_NOT_OPEN' } });
        await world.quiet();
        expect((await world.letters(service))[0]?.state).toMatchObject({
          status: 'discarded',
          resolvedReason: 'a test call',
        });
        // The document was made for its letter alone, and is still no call.
        expect(await service.load('calls', [callDocument('c')])).toEqual([undefined]);
      }));

    it('32 letters of a document may be open; the next stops its partition, loudly, and goes on when there is room', () =>
      World.with(kind, async (world) => {
        const bad = Array.from({ length: 33 }, (_, i) => `${BAD}${i}`);
        const broken = failing(...bad);
        // It stands for so long that events from outside have to wait: what makes room need not.
        const service = await world.start(callsService(broken), { pressure: () => 7 });
        const records = [...bad.slice(0, 20), 'between', ...bad.slice(20)];
        await world.send(...records.map((note) => foreign(note, { callId: 'c', note })));
        await until(
          'the partition stands',
          () => service.status.stallReason?.includes('32 open dead letters') ?? false,
        );
        // Longer than what would be an outage: its own commands, and everything of other documents, still go through.
        await until('it has stood for long', () => service.status.stalledMs > 1_200);
        const others = { target: { collection: 'calls', id: callDocument('d') }, laneKey: 'd' };
        const said = { callId: 'd', note: 'elsewhere' };
        expect(await service.dispatch([{ ...others, type: 'call.queued', data: said, key: 'k' }])).toMatchObject([
          { status: 'done' },
        ]);
        expect(world.stalls.some((stall) => stall.startsWith('test-calls: handle call-intake/'))).toBe(true);
        await until('all before it are saved', async () => (await world.notes('c')).length === 1);
        await until('32 letters are listed', async () => (await world.letters(service)).length === 32);
        // Replays that fail again are not in need of room.
        await world.replayAll(service, 'in vain');
        await until('all were tried', async () => {
          const topics = [retryTopic(service.name)];
          const [ends, read] = await Promise.all([
            world.log.watermarks(topics),
            world.log.committed(service.name, topics),
          ]);
          const sum = (offsets: readonly number[]) => offsets.reduce((a, b) => a + b, 0);
          return sum(read.map(({ offset }) => offset)) === 32 && sum(ends.map(({ next }) => next)) === 32;
        });
        delete broken.handle;
        await world.replayAll(service, 'mended');
        await world.quiet();
        expect((await world.notes('c')).toSorted()).toEqual([...bad, 'between'].toSorted());
        expect(service.status.stalledMs).toBe(0);
      }));

    it('what cannot be read is parked by the intake of its partition, once, with what is wrong', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        const base = foreign('e', { callId: 'c', note: 'a' });
        const cases = [
          { ...base, value: Buffer.from('{"callId"') },
          { ...base, value: Buffer.from([0xff, 0xfe]) },
          { ...base, value: null },
          foreign('no type', { callId: 'c' }, { ce_type: 'call.exploded' }),
          foreign('old', { callId: 'c' }, { ce_specversion: '0.3' }),
          foreign('early', { callId: 'c' }, { ce_time: '1970-01-01T00:00:00Z' }),
          foreign('by URL', { callId: 'c' }, { ce_type: 'call.ended', ce_dataref: 'https://example.test/1' }),
          foreign('invalid', { callId: 7 as unknown as string }),
          foreign('unroutable', { callId: 'c', note: 'unroutable' }, { ce_type: 'call.ended' }),
          foreign('bad id', { callId: 'c', note: 'bad-id' }, { ce_type: 'call.ended' }),
          foreign('not ours', { callId: 'c' }, { ce_type: 'dead-letter.replay-requested' }),
        ];
        await world.send(...cases.map((record) => ({ ...record, key: 'one partition' })));
        await world.send({ ...foreign('good', { callId: 'c', note: 'good' }), key: 'one partition' });
        await world.quiet();
        expect(await world.notes('c')).toContain('good');
        const found = (await codes(world, service)).toSorted();
        expect(found).toEqual(
          [
            'EVENT_BODY_NOT_JSON',
            'EVENT_BODY_NOT_UTF8',
            'EVENT_INVALID',
            'EVENT_TYPE_UNKNOWN',
            'EVENT_SPECVERSION_UNKNOWN',
            'EVENT_TIME_ANCIENT',
            'EVENT_INVALID',
            'EVENT_UNREADABLE',
            'RUNTIME_TARGET_INVALID',
            'EVENT_TYPE_UNKNOWN',
          ]
            .map((code) => `${code} open`)
            .toSorted(),
        );
        await resetAndRestart(world, service);
        expect(await world.letters(world.services.at(-1) as RunningService)).toHaveLength(found.length);
      }));

    it('an intake letter is replayed after its cause was mended, even when later events of its stream have passed by', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        await world.send(...['1', '2', '3'].map((note) => foreign(note, { callId: 'c', note })));
        await world.quiet();
        // A router that cannot read what a newer producer wrote: the second of three events of one stream.
        const real = agentsService();
        let mended = false;
        const route = real.consumes['call-events']?.['call.queued'];
        const agents = await world.start({
          ...real,
          consumes: {
            'call-events': {
              'call.queued': (event, origin) => {
                if (!mended && (event.data as Asked).note === '2') throw new Error('what is this?');
                return route?.(event, origin) ?? [];
              },
            },
          },
        });
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(['1', '3']);
        expect(await codes(world, agents)).toEqual(['EVENT_UNREADABLE open']);
        await world.replayAll(agents, 'too early');
        await world.quiet();
        mended = true;
        for (const key of ['1', '2']) await world.replayAll(agents, key);
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(['1', '3', '2']);
        expect(await codes(world, agents)).toEqual(['EVENT_UNREADABLE replayed']);
        const holders = await world.store.scan(intakeCollection(agents.name));
        expect(holders.map(({ body }) => body.holes)).toEqual([null]);
        await agents.stop();
        await resetToStart(world, agents);
        await world.start(real);
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual(['1', '3', '2']);
      }));

    it('a letter of a message with a large payload is kept, shown and replayed', () =>
      World.with(kind, async (world) => {
        await world.start(callsService());
        const broken = failing(BAD);
        const agents = await world.start(agentsService(broken));
        await world.send(foreign('e', { callId: 'c', note: BAD, pad: 300_000 }));
        await world.quiet();
        expect(await codes(world, agents)).toEqual(['TRANSITION_FAILED open']);
        delete broken.handle;
        await world.replayAll(agents, '1');
        await world.quiet();
        expect(await world.heard(AGENT)).toEqual([BAD]);
        const large = { callId: 'd', note: 'refused', pad: 'x'.repeat(600_000) };
        await world.send(foreign('large', large as never));
        await world.quiet();
        expect(await codes(world, world.services[0] as RunningService)).toEqual(['TEST_REFUSED open']);
        const parked = (await world.parked(world.services[0] as RunningService)).at(-1);
        expect(text(parked?.headers.ce_dataref)).toMatch(/^sha256:/);
      }));

    it('of a message that is too large for a letter it says what it was and where it is, and is discarded, not replayed', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService(), { log: enlarging(world.log, 3_200_000) });
        const poor = { ...foreign('no JSON', { callId: 'c', note: 'a' }), value: Buffer.from('{"callId"') };
        await world.send(foreign('large', { callId: 'c', note: 'refused' }), poor);
        await world.send(foreign('later', { callId: 'c', note: 'later' }));
        await world.quiet();
        expect(await world.notes('c')).toEqual(['later']);
        expect((await codes(world, service)).toSorted()).toEqual(['EVENT_BODY_NOT_JSON open', 'TEST_REFUSED open']);
        const letters = await world.letters(service);
        for (const { state } of letters)
          expect(state.letter?.record).toMatchObject({
            key: 'c',
            headers: { ce_source: Buffer.from('pbx').toString('base64') },
            value: null,
            omitted: { bytes: expect.toSatisfy((bytes: number) => bytes > 3_200_000), sha256: expect.any(String) },
          });
        const replayed = await world.replayAll(service, 'k');
        expect(replayed).toMatchObject(
          letters.map(() => ({ status: 'rejected', error: { code: 'DEAD_LETTER_TOO_LARGE', status: 422 } })),
        );
        const { collection, aggregate, stream, seq } = letters[0]?.state.letter ?? {};
        const discarded = await service.dispatch([
          {
            target: { collection: collection ?? '', id: aggregate ?? '' },
            type: DISCARD_COMMAND,
            data: { stream, seq, reason: 'it came again, smaller' },
            key: 'd',
            laneKey: 'c',
          },
        ]);
        expect(discarded).toMatchObject([{ status: 'done' }]);
      }));

    it('an output that may not be, or cannot be published, parks its cause with a clear reason', () =>
      World.with(kind, async (world) => {
        const service = await world.start(callsService());
        await world.send(
          foreign('1', { callId: 'c', note: '1', emitType: 'qa.evaluation.completed' }),
          foreign('2', { callId: 'c', note: '2', emitTime: Number.MAX_SAFE_INTEGER }),
          foreign('3', { callId: 'c', note: '3', pad: 4_100_000 }),
          foreign('4', { callId: 'c', note: '4', wakeAfterMs: 0.5 }),
          foreign('5', { callId: 'c', note: '5' }),
        );
        await world.quiet();
        expect(await world.notes('c')).toEqual(['5']);
        const reasons = (await world.letters(service))
          .map(({ state }) => state.letter?.reason.message ?? '')
          .toSorted();
        expect(reasons.map((reason) => reason.slice(0, 60))).toEqual([
          'A transition asks to be woken at 1777895940000.5. Correct th',
          'call.queued was emitted with data of more than 4000000 bytes',
          'call.queued was emitted with the time 9007199254740991. Corr',
          'test-calls emitted qa.evaluation.completed. Add the type to ',
        ]);
      }));

    it('a document that the store will not have is never saved: the message that makes it so is parked alone', () =>
      World.with(kind, async (world) => {
        const notes = ['a', 'b', 'too large', 'c', 'd'];
        await world.send(
          ...notes.map((note) =>
            foreign(note, { callId: 'c', note, ...(note === 'too large' ? { stateBytes: 9_000_000 } : {}) }),
          ),
        );
        const service = await world.start(callsService());
        await world.quiet();
        expect(await world.notes('c')).toEqual(['a', 'b', 'c', 'd']);
        expect(await codes(world, service)).toEqual(['RUNTIME_DOCUMENT_REFUSED open']);
        expect((await world.store.scan(lettersCollection(service.name))).length).toBe(1);
      }));
  });

/** A broker may be told to take larger records than ours are: those of the intake come with so much white space at their end. */
function enlarging(log: EventLog, bytes: number): EventLog {
  const enlarge = (record: LogRecord) => ({
    ...record,
    value: Buffer.concat([record.value ?? Buffer.alloc(0), Buffer.alloc(bytes, ' ')]),
  });
  const consume: EventLog['consume'] = (options, handle) =>
    log.consume(options, (batch, context) =>
      handle(batch.topic === 'call-intake' ? { ...batch, records: batch.records.map(enlarge) } : batch, context),
    );
  const bound = (value: unknown) => (typeof value === 'function' ? value.bind(log) : value);
  return new Proxy(log, { get: (_, name) => (name === 'consume' ? consume : bound(Reflect.get(log, name))) });
}

async function resetAndRestart(world: World, service: RunningService): Promise<void> {
  await service.stop();
  await resetToStart(world, service);
  await world.start(service.definition);
  await world.quiet();
}
