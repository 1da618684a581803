/** Whatever comes, however often and however mixed: the figures are those of a recount. On the real kernel. */
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { RunningService } from '@coachloop/runtime';
import { TestClock } from '@coachloop/runtime/testing';
import { lagOf } from '@coachloop/service-kit';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { AgentFigures } from '../src/domain/agent.ts';
import { criteriaOf } from '../src/domain/breakdown.ts';
import { type CustomerContacts, customerIdOf } from '../src/domain/customer.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';
import { meanOf, UNKNOWN } from '../src/domain/readings.ts';
import { mergeAll, type Share } from '../src/domain/share.ts';
import { snapshotOf } from '../src/domain/snapshot.ts';
import { collectionsOf, generationDefinition, SHARE_IDS } from '../src/generation.ts';
import { recordOf, T0, uuid } from './given.ts';
import { eventsOf, type History, history, recountOf } from './oracle.ts';

const { shares, agents, customers } = collectionsOf(1);

/**
 * The events of each source in order, the sources mixed by `order`; then all of it once more, as a relay may do. A stream is
 * (source, topic, key): an evaluation that moves to another agent goes on in another stream, in any order to the first.
 */
function mixed(given: History, order: readonly number[]) {
  const sources = eventsOf(given).map((events, s) =>
    events.map((event, i) => ({ event, seq: i + 1, stream: `s${s}/${event.key}` })),
  );
  const queues = sources.map((events) => [...events]);
  const log: (typeof sources)[number] = [];
  let at = 0;
  for (;;) {
    const open = queues.filter((queue) => queue.length > 0);
    if (open.length === 0) break;
    const next = open[(order[at % order.length] ?? 0) % open.length]?.shift();
    if (next) log.push(next);
    at += 1;
  }
  return [...log, ...log]
    .map(({ event, seq, stream }) => recordOf(event, 0, seq, stream))
    .map((record, i) => ({
      ...record,
      headers: { ...record.headers, ce_id: Buffer.from(`e${i % log.length}`) },
    }));
}

async function projected(given: History, order: readonly number[]) {
  const clock = new TestClock(T0);
  const log = createMemoryLog({ clock });
  const store = createMemoryStore();
  const faults = { deliveries: 2, reached: async () => undefined, fails: () => false };
  const service = await RunningService.start(generationDefinition(1, DEFAULT_POLICY), { log, store, clock, faults });
  try {
    const records = mixed(given, order);
    if (records.length > 0) await log.append(records);
    await vi.waitFor(async () => {
      const lags = await lagOf(log, service.name, service.topics);
      expect(lags.reduce((sum, lag) => sum + lag.records, 0)).toBe(0);
    });
    expect(service.status.parked).toBe(0);
    const found = await service.load<Share>(shares, SHARE_IDS);
    return {
      share: mergeAll(
        found.flatMap((document) => document?.state ?? []),
        T0,
      ),
      agents: (
        await service.load<AgentFigures>(
          agents,
          [1, 2, 3].map((n) => uuid(9_000 + n)),
        )
      ).map((d) => d?.state),
      customers: (
        await service.load<CustomerContacts>(
          customers,
          [0, 1, 2, 3].map((n) => customerIdOf(`customer-${n}`)),
        )
      ).map((d) => d?.state.single ?? null),
    };
  } finally {
    await service.stop();
    await log.close();
    await store.close();
  }
}

const near = (value: number | null | undefined, wanted: number | null) =>
  wanted === null ? expect(value).toBeNull() : expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThan(0.0051);

test('figures equal a recount of how everything ended up', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), async (given, order) => {
      const seen = await projected(given, order);
      const wanted = recountOf(given);
      const firstContactResolution = { ...UNKNOWN, all: UNKNOWN };
      const o = { now: T0, generation: 1, policy: DEFAULT_POLICY, firstContactResolution, health: null };
      const { figures, scores, callStages, caseStages, queues } = snapshotOf(seen.share, o);
      expect(figures.callsDone.all?.value ?? 0).toBe(wanted.callsDone);
      expect(figures.callsDone.today?.value ?? 0).toBe(wanted.callsDoneToday);
      expect(figures.callsAbandoned.all?.value ?? 0).toBe(wanted.abandoned);
      near(figures.serviceLevel.all?.value, wanted.serviceLevel);
      near(figures.satisfaction.all?.value, wanted.satisfaction);
      expect(figures.evaluations.all?.value ?? 0).toBe(wanted.evaluations);
      near(figures.meanScore.all?.value, wanted.meanScore);
      expect(scores.all.bins).toEqual(wanted.bins);
      const greeting = criteriaOf(seen.share.named).find(({ questionId }) => questionId === 'greeting');
      expect(greeting ?? { yes: 0, no: 0, na: 0 }).toMatchObject(wanted.greeting);
      for (const { stage, count } of callStages)
        if (stage !== 'abandoned' && count !== null) expect(count, stage).toBe(wanted.callStages[stage]);
      for (const { stage, count } of caseStages)
        if (wanted.caseStages[stage] !== undefined) expect(count ?? 0, stage).toBe(wanted.caseStages[stage]);
      for (const agent of [0, 1, 2]) {
        const figuresOfAgent = seen.agents[agent];
        expect(figuresOfAgent?.sums.evaluations ?? 0).toBe(wanted.agents[agent]?.evaluations);
        near(
          figuresOfAgent ? meanOf(figuresOfAgent.sums, 'score').value : null,
          wanted.agents[agent]?.meanScore ?? null,
        );
      }
      expect(seen.customers).toEqual(wanted.customers);
      // The list of queues is of the last week; the names are what is hard about it.
      for (const { queue } of queues) expect(['', 'sales', 'a|b', '%7C', '__proto__']).toContain(queue);
    }),
    { numRuns: 60 },
  );
}, 120_000);
