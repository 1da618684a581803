/**
 * What other processes do while the bench measures. A baseline of the same round does not help against them: both sides do not share
 * the cores alike with strangers, so on a busy machine a ratio is as wrong as a figure.
 */
import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { summaryOf } from '../statistics.ts';
import { load } from './machine.ts';

const LOOK_MS = 2_000;
/** Of the load average before the first measure, for each core; before the others it is the bench's own. */
const LOAD_PER_CORE_MAX = 0.5;
/** Of the share of the cores that others have: with a quarter, on two cores half of one is gone. */
const OTHERS_MAX = 0.25;

export interface Watch {
  /** Load average of the last minute. */
  readonly load: () => number;
  /** The share of all cores, 0 to 1, that is at work while the bench itself only waits. */
  readonly others: () => Promise<number>;
}

const workedMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

export const MACHINE: Watch = {
  load,
  others: async () => {
    const [before, startMs] = [workedMs(), performance.now()];
    await setTimeout(LOOK_MS);
    return (workedMs() - before) / ((performance.now() - startMs) * cpus().length);
  },
};

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Why the load average says that the machine is too busy for a verdict; undefined: it does not. */
export const busyByLoad = (before: number, cores: number): string | undefined =>
  before > cores * LOAD_PER_CORE_MAX ? `load average ${before} before it, on ${cores} cores` : undefined;

/** The same by what others had; of several looks the median counts, as with the rounds. @param looks at least one */
export function busyByOthers(looks: readonly number[]): string | undefined {
  const { median } = summaryOf(looks);
  return median > OTHERS_MAX ? `other processes had ${percent(median)} of the cores between its rounds` : undefined;
}
