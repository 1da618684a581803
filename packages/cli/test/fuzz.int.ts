/**
 * Strangers write anything to the topics that services read, on a real broker. Each such record is a dead letter with its reason or
 * is handled as documented; nobody stops, nothing goes round in circles, and the good events between them are all handled.
 * COACHLOOP_FUZZ_RECORDS asks for more of them, COACHLOOP_FUZZ_SEED for the same again.
 */
import { callIdOf, DEAD_LETTER_TYPE, type DeadLetter, deadLetterTopic, retryTopic } from '@coachloop/contracts';
import { EXAMPLES } from '@coachloop/contracts/examples';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog, LogRecord } from '@coachloop/event-log';
import { type Foreign, type ForeignRecord, openForeign, type Place } from '@coachloop/event-log/foreign';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { outputsWaiting, readEvents } from '@coachloop/runtime';
import { type KafkaServer, kafkaOrigin, startKafka } from '@coachloop/servers';
import { lagOf, type Platform } from '@coachloop/service-kit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changed, changesOf, type Fate, type Headers, type Parts } from './fuzz/intake.ts';
import { ownOdd } from './fuzz/own.ts';
import { until } from './harness/command.ts';
import { AheadClock, startPlatform } from './harness/installation.ts';

const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' });
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const RECORDS = Number(process.env.COACHLOOP_FUZZ_RECORDS || 400);
const SEED = Number(process.env.COACHLOOP_FUZZ_SEED || 0) || Date.now() & 0x7fffffff;
const GOOD = 30;
const SOURCE = '/fuzz';
const PATIENCE_MS = 60_000 + RECORDS * 100;

describe.skipIf(!required && origin === undefined)('rubbish on the topics', { timeout: PATIENCE_MS }, () => {
  let server: KafkaServer;
  let log: EventLog;
  let platform: Platform;
  let foreign: Foreign;
  let packed: Foreign;
  const store = createMemoryStore();
  const clock = new AheadClock();

  beforeAll(async () => {
    server = await startKafka();
    const brokers = server.address.split(',');
    log = openKafkaLog({ brokers, clock });
    platform = await startPlatform({ log, store }, clock);
    foreign = await openForeign(brokers);
    packed = await openForeign(brokers, 'gzip');
  }, 240_000);
  afterAll(async () => {
    await foreign?.close();
    await packed?.close();
    await platform?.stop();
    await log?.close();
    await server?.stop();
  }, 60_000);

  const now = (ms = 0) => new Date(Date.now() + ms).toISOString();
  function partsOf(topic: string, type: string, id: string, key: string, data: object): Parts {
    const headers: Headers = {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: SOURCE,
      ce_type: type,
      ce_time: now(-1_000),
    };
    const all = { ...headers, 'content-type': 'application/json' };
    return { topic, key: Buffer.from(key), headers: all, data: { ...data } };
  }
  const queued = (callId: string) => ({
    callId,
    queue: 'chat',
    channel: 'chat',
    direction: 'inbound',
    startedAt: now(-600_000),
  });
  const toRecord = ({ data, ...rest }: Parts): ForeignRecord => ({ ...rest, value: Buffer.from(JSON.stringify(data)) });

  /** A conversation that is scored. */
  function goodCall(callId: string): readonly ForeignRecord[] {
    const conversation = { ...(EXAMPLES['call-intake']['transcript.completed'] as object), callId };
    const events = {
      'call.queued': queued(callId),
      'transcript.completed': conversation,
      'call.ended': { callId, at: now(-1_000) },
    };
    return Object.entries(events).map(([type, data]) =>
      toRecord(partsOf('call-intake', type, `${type}-${callId}`, callId, data)),
    );
  }

  /** Groups by topic, and the types that they read there. */
  function readers(): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, Map<string, readonly string[]>>();
    const add = (topic: string, group: string, types: readonly string[]) => {
      found.set(topic, (found.get(topic) ?? new Map()).set(group, types));
    };
    for (const { name, definition } of platform.running.values()) {
      for (const [topic, routes] of Object.entries(definition.consumes)) add(topic, name, Object.keys(routes));
      add(deadLetterTopic(name), name, [DEAD_LETTER_TYPE, 'dead-letter.resolved']);
      add(retryTopic(name), name, ['dead-letter.replay-requested']);
    }
    return found;
  }

  const placeName = ({ topic, partition, offset }: Place) => `${topic}/${partition}/${offset}`;

  async function settled(): Promise<void> {
    const services = [...platform.running.values()];
    const isQuiet = async () => {
      const lags = await Promise.all(services.map(({ name, topics }) => lagOf(log, name, topics)));
      const unsaid = await outputsWaiting({ services: services.map(({ definition }) => definition), store });
      return lags.flat().every(({ records }) => records === 0) && unsaid === 0;
    };
    await until(async () => (await isQuiet()) && (await isQuiet()));
  }

  /** Who parked what, by `group place`. */
  async function letters(): Promise<ReadonlyMap<string, DeadLetter>> {
    const found = new Map<string, DeadLetter>();
    const topics = [...platform.running.keys()].map(deadLetterTopic);
    for await (const records of log.scan({ topics, from: 'start' }))
      for await (const events of readEvents(store, records as readonly LogRecord[]))
        for (const { event } of events) {
          if (event.type !== DEAD_LETTER_TYPE) continue;
          const letter = event.data as DeadLetter;
          if (letter.origin) found.set(`${letter.group} ${placeName(letter.origin)}`, letter);
        }
    return found;
  }

  async function send(records: readonly { readonly record: ForeignRecord; readonly packed: boolean }[]) {
    const places: (Place | null)[] = [];
    for (let from = 0; from < records.length; from += 20) {
      const slice = records.slice(from, from + 20);
      places.push(...(await Promise.all(slice.map((one) => (one.packed ? packed : foreign).sendOne(one.record)))));
    }
    return places;
  }

  it('is parked or handled, and stops nobody', async () => {
    process.stderr.write(`fuzz: ${RECORDS} records, COACHLOOP_FUZZ_SEED=${SEED}\n`);
    const [changes = []] = fc.sample(changesOf(RECORDS), { numRuns: 1, seed: SEED });
    const intake = changes.map((change, i) => {
      const callId = `odd-${i}`;
      const parts = partsOf('call-intake', 'call.queued', `id-${i}`, callId, queued(callId));
      return { callId, ...changed(parts, change) };
    });
    const report = EXAMPLES['training-intake']['training.completion.reported'] as { assignmentId: string };
    const trainings = changes.slice(0, 120).map((change, i) => {
      const data = { ...report, assignmentId: callIdOf('fuzz', String(i)) };
      const parts = partsOf('training-intake', 'training.completion.reported', `id-${i}`, data.assignmentId, data);
      const odd = changed(parts, change);
      // Nobody knows these assignments, so what can be read is refused, and parked, too; fields of calls are none of theirs.
      const fate: Fate = odd.fate === 'refused' ? 'refused' : 'either';
      return { ...odd, fate };
    });
    const byTopic = readers();
    const types = new Map(
      [...byTopic]
        .filter(([topic]) => !topic.endsWith('-intake'))
        .map(([topic, groups]) => [topic, [...groups.values()].flat()]),
    );
    const own = fc
      .sample(ownOdd(types), { numRuns: RECORDS, seed: SEED })
      .map((odd) => ({ ...odd, name: 'on our own topics' }));

    const good = Array.from({ length: GOOD }, (_, i) => `good-${i}`);
    const odd = [...intake, ...trainings, ...own];
    const places: (Place | null)[] = [];
    for (let i = 0; i < GOOD; i++) {
      await foreign.send(goodCall(`good-${i}`));
      const share = odd.slice((odd.length * i) / GOOD, (odd.length * (i + 1)) / GOOD);
      places.push(...(await send(share.map(({ record }, k) => ({ record, packed: k % 5 === 0 })))));
    }
    await settled();

    const parked = await letters();
    expect(parked.size).toBeGreaterThan(RECORDS);
    const wrong = odd.flatMap(({ name, fate, record, ...rest }, i) => {
      const place = places[i];
      const what = `${name} (${fate}) on ${record.topic}`;
      if (!place) return fate === 'refused' ? [] : [`${what}: the broker refused it`];
      const of = [...(byTopic.get(record.topic) ?? [])];
      const type = 'type' in rest ? rest.type : undefined;
      const concerned = of.filter(([, read]) => typeof type !== 'string' || read.includes(type) || read.includes('*'));
      return concerned.flatMap(([group]) => {
        const letter = parked.get(`${group} ${placeName(place)}`);
        if (fate === 'letter' && !letter) return [`${what}: no letter of ${group} ${JSON.stringify(record)}`];
        if (fate === 'handled' && letter) return [`${what}: ${group} parked it: ${JSON.stringify(letter.reason)}`];
        return letter && letter.reason.message === '' ? [`${what}: a letter without a reason`] : [];
      });
    });
    expect(wrong.slice(0, 10)).toEqual([]);

    const expected = intake.flatMap(({ fate, callId }, i) =>
      fate === 'handled' && places[i] ? [callIdOf(SOURCE, callId)] : [],
    );
    const found = await store.load('calls', [...expected, ...good.map((callId) => callIdOf(SOURCE, callId))]);
    expect(found.filter((document) => document === undefined)).toEqual([]);
    expect(await scored()).toEqual(new Set(good.map((callId) => callIdOf(SOURCE, callId))));

    // Nothing of it comes again by itself, and everybody is well.
    const ends = async () => JSON.stringify(await log.watermarks((await log.topics()).map(({ name }) => name)));
    const before = await ends();
    await settled();
    expect(await ends()).toBe(before);
    expect(await platform.unready()).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  async function scored(): Promise<ReadonlySet<string>> {
    const calls = new Set<string>();
    for await (const records of log.scan({ topics: ['qa-events'], from: 'start' }))
      for await (const events of readEvents(store, records))
        for (const { event } of events)
          if (event.type === 'qa.evaluation.completed' && event.born > 0)
            calls.add((event.data as { callId: string }).callId);
    return calls;
  }
});
