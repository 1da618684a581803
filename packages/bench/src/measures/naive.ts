/** The loop against the way one would write it first: one event at a time. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { batchesOf, inputRecord } from '../load/append.ts';
import { agentsFor, EVENTS_PER_REQUEST, eventsOf, requestOf } from '../load/calls.ts';
import type { MeasureSpec, Settings } from '../measure.ts';
import { naiveSeconds } from '../naive/run.ts';
import { withPlatform } from '../platform/platform.ts';
import { run } from '../platform/run.ts';

const QUICK = { naive: 40, loop: 200 };
const FULL = { naive: 1_000, loop: 10_000 };
/** The naive way is so much slower that fewer calls take as long. */
const NAIVE_SHARE = 0.1;

async function round({ quick, calls, folder, note }: Settings) {
  const given = calls === null ? null : { naive: Math.ceil(calls * NAIVE_SHARE), loop: calls };
  const size = given ?? (quick ? QUICK : FULL);
  const batchesFor = (calls: number) => [
    ...batchesOf(eventsOf({ calls, agents: agentsFor(calls) }), EVENTS_PER_REQUEST),
  ];
  const requests = batchesFor(size.loop).map(requestOf);
  const whole = await withPlatform({ directory: join(folder, 'platform') }, (platform) => run(platform, requests));
  const batches = batchesFor(size.naive).map((events) => events.map(inputRecord));
  const naively = async (name: string, options: { sideBySide: boolean; projections: boolean }) => {
    const directory = join(folder, name);
    mkdirSync(directory);
    return size.naive / (await naiveSeconds({ directory, batches, ...options }));
  };
  const serial = await naively('serial', { sideBySide: false, projections: true });
  const sideBySide = await naively('side', { sideBySide: true, projections: true });
  const withoutFigures = await naively('without', { sideBySide: true, projections: false });
  const loop = size.loop / whole.handledSeconds;
  note(
    `${size.loop} calls through the loop, ${size.naive} the naive way, whose events are in the log before it begins`,
  );
  return { serial, sideBySide, withoutFigures, loop, loopOfSide: loop, loopOfWithout: loop };
}

export const naive: MeasureSpec = {
  name: 'naive',
  title: 'Against one event at a time',
  rounds: 3,
  rows: [
    { key: 'serial', name: 'naive, one event at a time in each service', unit: 'calls/s' },
    { key: 'sideBySide', name: 'naive, one event at a time in each partition', unit: 'calls/s' },
    { key: 'withoutFigures', name: 'the same without the live figures', unit: 'calls/s' },
    {
      key: 'loop',
      name: 'loop, of one event at a time',
      unit: 'calls/s',
      over: 'serial',
      goal: { atLeast: 10, of: 'ratio' },
    },
    { key: 'loopOfSide', name: 'loop, of one per partition', unit: 'calls/s', over: 'sideBySide' },
    {
      key: 'loopOfWithout',
      name: 'loop, of one per partition without live figures',
      unit: 'calls/s',
      over: 'withoutFigures',
    },
  ],
  round,
};
