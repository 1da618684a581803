/** Everything that must hold once all is quiet. */
import type { EventLog } from '@coachloop/event-log';
import { verify } from '@coachloop/runtime';
import type { Workload } from '../workload.ts';
import type { World } from '../world.ts';
import { checkCommands, checkOperations, checkRequests } from './answers.ts';
import { checkCases, checkDigests, checkOwnership, checkProjections, checkReleases } from './domain.ts';
import { checkHandled } from './handled.ts';
import { checkLetters, lettersOf } from './letters.ts';
import { LogIndex } from './log-index.ts';
import { checkOutcomes } from './outcomes.ts';
import { checkOutputs } from './outputs.ts';

/** It finds nothing that the checks here do not find, and costs as much as all of them: so it is what is checked, now and then. */
const VERIFIED_EVERY = 10;

export async function check(world: World, workload: Workload): Promise<readonly string[]> {
  const index = new LogIndex(world);
  const unread: string[] = [];
  const letters = await lettersOf(world, unread);
  return [
    ...index.violations,
    ...checkHandled(world, index, letters),
    ...unread,
    ...checkLetters(world, workload, index, letters),
    ...checkOutputs(world, index),
    ...checkCommands(world, workload),
    ...checkOperations(workload, index, letters),
    ...checkRequests(world, workload),
    ...(await checkProjections(world, index)),
    ...(await checkDigests(world, workload)),
    ...(await checkCases(world, index)),
    ...(await checkOutcomes(world)),
    ...(await checkOwnership(world)),
    ...(await checkReleases(world)),
    ...(world.seed % VERIFIED_EVERY === 0 ? await verified(world) : []),
  ];
}

/** What `coachloop verify` says of the same installation. */
async function verified(world: World): Promise<string[]> {
  const { engine } = world.log;
  const log = new Proxy(engine, {
    get: (target, name) => {
      if (name === 'committed')
        return async (group: string, topics?: readonly string[]) => world.log.group(group).positions(topics);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) satisfies EventLog;
  const clock = { now: () => world.now(), wall: () => world.wall(), sleep: async () => undefined };
  const { violations } = await verify({
    services: world.site.services,
    log,
    store: world.store.engine,
    clock,
    live: false,
  });
  return violations.map(({ rule, where, detail }) => `verify ${rule}: ${where} ${detail}`);
}
