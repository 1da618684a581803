/** What is counted is what happened. */
import { expect, test } from 'vitest';
import { type FaultKind, NO_LIMITS } from '../src/faults.ts';
import { World } from '../src/world.ts';

const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);
const TRIES = 20;
const PARTS = 3;

/** Virtual time goes on until it is done; false: its caller was told nothing. */
async function wasTold(world: World, work: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settled = (told: boolean) => {
    isSettled = true;
    return told;
  };
  const told = work.then(
    () => settled(true),
    () => settled(false),
  );
  await world.scheduler.runWhile(() => !isSettled);
  return told;
}

const worldWithout = (seed: number, ...kinds: readonly FaultKind[]) =>
  new World(seed, { ...NO_LIMITS, without: new Set(kinds) });

interface Attempt {
  readonly told: boolean;
  readonly isLeft: boolean;
  /** How often it was counted as each of two. */
  readonly partial: number;
  readonly answerLost: number;
}

async function attempt(
  world: World,
  kinds: readonly [FaultKind, FaultKind],
  landed: () => Promise<number>,
  work: () => Promise<unknown>,
): Promise<Attempt> {
  const counts = () => kinds.map((kind) => world.faults.counts.get(kind) ?? 0) as [number, number];
  const [before, [partial, answerLost]] = [await landed(), counts()];
  const told = await wasTold(world, work());
  const isLeft = (await landed()) - before < PARTS;
  return { told, isLeft, partial: counts()[0] - partial, answerLost: counts()[1] - answerLost };
}

/** Whatever came of it was counted as that; and all of it came. */
function expectCounted(attempts: readonly Attempt[]): void {
  for (const { told, isLeft, partial, answerLost } of attempts)
    expect({ partial, answerLost }).toEqual({ partial: isLeft ? 1 : 0, answerLost: told || isLeft ? 0 : 1 });
  const kinds = new Set(attempts.map(({ told, isLeft }) => `${told} ${isLeft}`));
  expect(kinds).toContain('true false');
  expect(kinds).toContain('false true');
  expect(kinds).toContain('false false');
}

test('an append is partial where a record was left out; else its answer was lost', async () => {
  const attempts: Attempt[] = [];
  for (const seed of SEEDS) {
    const world = worldWithout(seed);
    await world.log.createTopics([{ name: 't', partitions: 12 }]);
    const landed = async () => [...world.log.records.values()].flat().length;
    for (let n = 0; n < TRIES; n += 1) {
      const records = Array.from({ length: PARTS }, (_, i) => ({
        ...{ topic: 't', key: `${n}.${i}`, headers: {}, value: null },
      }));
      const append = () => world.log.appendInParts(records, '');
      attempts.push(await attempt(world, ['append-partial', 'append-answer-lost'], landed, append));
    }
  }
  expectCounted(attempts);
});

test('a save is partial where a write was left out; else its answer was lost', async () => {
  const attempts: Attempt[] = [];
  for (const seed of SEEDS) {
    const world = worldWithout(seed, 'save-rolled-back', 'save-conflict', 'save-unknown');
    await world.store.engine.declare([{ name: 'c', indexes: [] }]);
    const landed = () => world.store.engine.count('c');
    for (let n = 0; n < TRIES; n += 1) {
      const writes = Array.from({ length: PARTS }, (_, i) => ({
        expectedVersion: 0,
        document: { id: `${n}.${i}`, version: 1, wakeAt: null, lane: null, body: {} },
      }));
      const save = () => world.store.save('c', writes, '');
      attempts.push(await attempt(world, ['save-partial', 'store-answer-lost'], landed, save));
    }
  }
  expectCounted(attempts);
});

test('nobody handles twice who has nothing to handle', async () => {
  for (const seed of SEEDS.slice(0, 10)) {
    const world = worldWithout(seed);
    await world.log.createTopics(
      ['call-intake', 'training-intake', 'training-events'].map((name) => ({ name, partitions: 12 })),
    );
    world.fleet.startAll(3);
    await world.scheduler.runWhile(() => world.scheduler.now < 300);
    expect(world.faults.counts.get('handled-twice') ?? 0).toBe(0);
  }
});
