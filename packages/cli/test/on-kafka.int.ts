/** What operators and other systems do with an installation on a real Kafka: subscribe late, mend by the hundred, rebuild. */
import { callIdOf, PUBLIC_TOPICS } from '@coachloop/contracts';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { EventLog, NewRecord } from '@coachloop/event-log';
import { type Foreign, openForeign, type ReadRecord } from '@coachloop/event-log/foreign';
import { applyTopics, openKafkaLog } from '@coachloop/event-log/kafka';
import { type KafkaServer, kafkaOrigin, startKafka } from '@coachloop/servers';
import type { Platform } from '@coachloop/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Letter } from '../src/commands/dead-letters.ts';
import { wantedTopics } from '../src/wanted.ts';
import { coachloop, json, until } from './harness/command.ts';
import { AheadClock, recordsOf, startPlatform, verifyAll } from './harness/installation.ts';

const origin = await kafkaOrigin({ ...process.env, KAFKA_BROKERS: '' });
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('kafka');
const DAY_MS = 86_400_000;
const REFUSED = 250;
const UNREADABLE = 120;

describe.skipIf(!required && origin === undefined)('on Kafka', { timeout: 180_000 }, () => {
  let server: KafkaServer;
  let log: EventLog;
  let platform: Platform;
  let foreign: Foreign;
  const store = createMemoryStore();
  const clock = new AheadClock();

  beforeAll(async () => {
    server = await startKafka();
    // As a service opens it: what the operator applied is there; only a rebuild makes topics of its own.
    const options = { brokers: server.address.split(','), clock, topics: wantedTopics() };
    await applyTopics(options, wantedTopics());
    log = openKafkaLog(options);
    foreign = await openForeign(server.address.split(','));
    platform = await startPlatform({ log, store }, clock);
  }, 240_000);
  afterAll(async () => {
    await foreign?.close();
    await platform?.stop();
    await log?.close();
    await server?.stop();
  }, 60_000);

  const settled = () => json(['digest', '--url', platform.url]);
  const simulate = (calls: number) =>
    json(['simulate', '--agents', '4', '--calls', String(calls), '--seed', '5', '--url', platform.url]);

  describe('a subscriber with a group of its own', () => {
    const group = 'warehouse';
    const placeName = ({ topic, partition, offset }: ReadRecord) => `${topic}/${partition}/${offset}`;
    const published = async () =>
      [...(await recordsOf(log)).keys()].filter((place) =>
        PUBLIC_TOPICS.some((topic) => place.startsWith(`${topic}/`)),
      );

    it('that starts late gets the whole history, then what follows, and goes on where it was', async () => {
      await simulate(30);
      await settled();
      const history = await published();
      expect(history.length).toBeGreaterThan(400);
      const first: ReadRecord[] = [];
      const leave = await foreign.subscribe(group, PUBLIC_TOPICS, (record) => first.push(record));
      await until(async () => first.length >= history.length);
      expect(new Set(first.map(placeName))).toEqual(new Set(history));
      await simulate(40);
      await settled();
      const more = await published();
      expect(more.length).toBeGreaterThan(history.length);
      await until(async () => first.length >= more.length);
      await leave();

      const again: ReadRecord[] = [];
      await simulate(45);
      await settled();
      const all = await published();
      const leaveAgain = await foreign.subscribe(group, PUBLIC_TOPICS, (record) => again.push(record));
      await until(async () => first.length + again.length >= all.length);
      await leaveAgain();
      expect([...first, ...again].map(placeName).toSorted()).toEqual(all.toSorted());
      checkAsDocumented([...first, ...again]);
    });

    /** docs/events.md: what whoever reads the topics may rely on. */
    function checkAsDocumented(records: readonly ReadRecord[]): void {
      const streams = new Map<string, number>();
      const partitions = new Map<string, number>();
      for (const { topic, partition, key, headers, value } of records) {
        expect(headers.get('ce_specversion')).toBe('1.0');
        expect(headers.get('content-type')).toBe('application/json');
        expect(typeof JSON.parse(value ?? '')).toBe('object');
        expect(partitions.get(`${topic} ${key}`) ?? partition).toBe(partition);
        partitions.set(`${topic} ${key}`, partition);
        const stream = headers.get('ce_stream') ?? '';
        const seq = Number(headers.get('ce_seq'));
        expect(seq).toBeGreaterThan(streams.get(stream) ?? 0); // nothing was killed, so nothing was said twice
        streams.set(stream, seq);
      }
    }
  });

  it('live figures are built anew from the topics, and are as before', async () => {
    const sums = async () => {
      const response = await fetch(`${platform.url}/metrics/v1/snapshot`);
      const { generation, caseStages, outcomes, scores } = (await response.json()) as Snapshot;
      return { generation, sums: { caseStages, outcomes, all: scores.all } };
    };
    const before = await sums();
    expect(before.generation).toBe(1);
    const rebuilt = await json(['rebuild', 'live-metrics', '--url', platform.url]);
    expect(rebuilt).toMatchObject({ state: 'idle', active: 2 });
    await until(async () => (await sums()).generation === 2);
    expect((await sums()).sums).toEqual(before.sums);
    // The old generation leaves nothing behind with the brokers but its topics.
    await until(async () => (await log.committed('live-metrics.g1')).length === 0);
  });
  interface Snapshot {
    readonly generation: number;
    readonly caseStages: unknown;
    readonly outcomes: unknown;
    readonly scores: { readonly all: unknown };
  }

  describe('dead letters by the hundred', () => {
    const letters = (...args: string[]) => json<Letter[]>(['dead-letters', 'list', ...args, '--url', platform.url]);
    const command = (...args: string[]) => ['dead-letters', ...args, '--url', platform.url];
    const callOf = (i: number) => `late-${i}`;

    /** Refused by its call, since it is in the future; or not to be read at all. */
    function record(i: number, isReadable: boolean): NewRecord {
      const texts = {
        ce_specversion: '1.0',
        ce_id: `${isReadable ? 'late' : 'bad'}-${i}`,
        ce_source: '/pbx',
        ce_type: 'call.ended',
        'content-type': 'application/json',
      };
      const data = { callId: callOf(i), agentId: 'a-1', at: new Date(clock.now() + 2 * DAY_MS).toISOString() };
      const headers = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
      // All rubbish under one key, and so in one partition.
      const key = isReadable ? callOf(i) : 'rubbish';
      return {
        topic: 'call-intake',
        key,
        headers,
        value: Buffer.from(isReadable ? JSON.stringify(data) : '{"callId":'),
      };
    }

    it('are listed by reason, replayed at a rate, exactly, however often; the others are given up with a reason', async () => {
      await log.append(Array.from({ length: REFUSED }, (_, i) => record(i, true)));
      await log.append(Array.from({ length: UNREADABLE }, (_, i) => record(i, false)));
      await settled();
      const all = await letters();
      expect(all).toHaveLength(REFUSED + UNREADABLE);
      const codes = [...Map.groupBy(all, ({ code }) => code)].map(([code, list]) => [code, list.length] as const);
      const counts = new Map(codes);
      expect(counts.get('EVENT_TIME_FUTURE')).toBe(REFUSED);
      const [unreadable = ''] = codes.map(([code]) => code).filter((code) => code !== 'EVENT_TIME_FUTURE');
      expect(await letters('--code', unreadable)).toHaveLength(UNREADABLE);

      clock.aheadMs = 3 * DAY_MS;
      const asked = command('replay', '--all', '--code', 'EVENT_TIME_FUTURE', '--rate', '100/s');
      const startedMs = performance.now();
      const both = await Promise.all([json<Replayed>(asked), json<Replayed>(asked)]);
      expect(performance.now() - startedMs).toBeGreaterThan((REFUSED / 100) * 1_000 - 100);
      expect(both.map(({ open }) => open)).toEqual([[], []]);
      // Whoever starts later may find some closed already.
      expect(Math.max(...both.map(({ letters: count }) => count))).toBe(REFUSED);
      expect(await json(asked)).toMatchObject({ letters: 0, replayed: 0, open: [] });
      await settled();
      expect(await ended()).toEqual(
        new Map(Array.from({ length: REFUSED }, (_, i) => [callIdOf('/pbx', callOf(i)), 1])),
      );

      // How they stand is read from the list, but for the last few.
      const singly: string[] = [];
      platform.app.server.on('request', ({ method, url = '' }) => {
        if (method === 'GET' && /^\/ops\/v1\/dead-letters\/\w/.test(url)) singly.push(url);
      });
      const still = await coachloop([...command('replay', '--all', '--rate', '200/s'), '--json']);
      expect({ code: still.code, ...JSON.parse(still.stdout) }).toMatchObject({
        code: 1,
        letters: UNREADABLE,
        replayed: 0,
      });
      expect(singly.length).toBeLessThan(UNREADABLE);
      const reason = 'the sender wrote half a line';
      const discard = command('discard', '--all', '--code', unreadable, '--rate', '300/s', '--reason', reason);
      expect(await json(discard)).toEqual({ letters: UNREADABLE, discarded: UNREADABLE });
      await settled();
      expect(await letters()).toEqual([]);
      const given = await letters('--status', 'discarded');
      expect(new Set(given.map(({ discardReason }) => discardReason))).toEqual(new Set([reason]));
      expect(await verifyAll({ log, store }, clock)).toMatchObject({ ok: true, violations: [] });
    });

    interface Replayed {
      readonly letters: number;
      readonly open: readonly string[];
    }

    /** How often the end of each of these calls was told. */
    async function ended(): Promise<ReadonlyMap<string, number>> {
      const found = new Map<string, number>();
      for await (const records of log.scan({ topics: ['call-events'], from: 'start' }))
        for (const { headers, value } of records) {
          if (Buffer.from(headers.ce_type ?? []).toString() !== 'call.ended' || !value) continue;
          const { callId, sourceCallId } = JSON.parse(Buffer.from(value).toString());
          if (String(sourceCallId).startsWith('late-')) found.set(callId, (found.get(callId) ?? 0) + 1);
        }
      return found;
    }
  });
});
