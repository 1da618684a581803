/** What a call costs where each service runs as one, two, four processes: on two cores more of them cannot be faster, only dearer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { installation as definitionsIn } from '@coachloop/cli';
import { SERVICES } from '@coachloop/contracts';
import { openMongoStore } from '@coachloop/document-store/mongo';
import { fill, openLog } from '../kafka/fill.ts';
import { Installation } from '../kafka/installation.ts';
import { withServers } from '../kafka/servers.ts';
import { settled } from '../kafka/settled.ts';
import type { MeasureSpec, Settings } from '../measure.ts';

const COUNTS = { one: 1, two: 2, four: 4 } as const;
const QUICK = { calls: 20, services: SERVICES.slice(0, 2), restMs: 500 };
const FULL = { calls: 1_000, services: SERVICES, restMs: 10_000 };

async function round(settings: Settings) {
  const figures: Record<string, number> = {};
  for (const [name, count] of Object.entries(COUNTS)) {
    settings.say(`  ${count} of each service`);
    const { call, rest } = await costOf(settings, count);
    figures[name] = call;
    figures[`${name}Rest`] = rest;
  }
  return figures;
}

const costOf = (settings: Settings, count: number) =>
  withServers(settings, async (servers) => {
    const { quick, calls: given, note } = settings;
    const { calls, services, restMs } = quick ? QUICK : FULL;
    const wanted = given ?? calls;
    const installation = await Installation.prepare(servers);
    const [log, store] = [openLog(servers.brokers), await openMongoStore({ uri: servers.mongoUri })];
    const definitions = async () => {
      const all = await definitionsIn()(store);
      return quick ? all.filter(({ name }) => services.some((service) => service === name)) : all;
    };
    try {
      for (let i = 0; i < count; i++) for (const service of services) await installation.add(service);
      await settled(log, definitions);
      const idle = installation.cpuSeconds;
      await sleep(restMs);
      const before = installation.cpuSeconds;
      await fill(servers.brokers, wanted);
      await settled(log, definitions);
      const after = installation.cpuSeconds;
      note(`${wanted} calls, which are in the log before much of them is handled; ${servers.description}`);
      return { call: ((after - before) * 1_000) / wanted, rest: ((before - idle) * 1_000) / restMs };
    } finally {
      await installation.stop();
      await Promise.all([log.close(), store.close()]);
    }
  });

export const scale: MeasureSpec = {
  name: 'scale',
  title: 'One, two, four processes of each service',
  rounds: 3,
  rows: [
    { key: 'one', name: '1 of each service', unit: 'CPU s/1,000 calls' },
    { key: 'two', name: '2 of each service', unit: 'CPU s/1,000 calls', over: 'one' },
    { key: 'four', name: '4 of each service', unit: 'CPU s/1,000 calls', over: 'one' },
    { key: 'oneRest', name: 'at rest, 1 of each service', unit: 'CPU s/s' },
    { key: 'twoRest', name: 'at rest, 2 of each service', unit: 'CPU s/s', over: 'oneRest' },
    { key: 'fourRest', name: 'at rest, 4 of each service', unit: 'CPU s/s', over: 'oneRest' },
  ],
  round,
};
