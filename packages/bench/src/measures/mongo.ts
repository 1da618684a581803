/** Commands that go to the database for each event, as the driver tells of them. No speed: the stand-in is not MongoDB. */
import { dropTopics } from '../kafka/bare.ts';
import { fill } from '../kafka/fill.ts';
import { type JobResult, runJob } from '../kafka/job.ts';
import { freshDatabase, withServers } from '../kafka/servers.ts';
import type { MeasureSpec, Settings } from '../measure.ts';

const QUICK = { loop: 30, naive: 2 };
const FULL = { loop: 2_000, naive: 50 };

const round = (settings: Settings) =>
  withServers(settings, async ({ brokers, mongoUri, description }) => {
    const { quick, calls, note } = settings;
    const size = quick ? QUICK : FULL;
    const loopCalls = calls ?? size.loop;
    await fill(brokers, loopCalls);
    const loop = await runJob({ kind: 'loop', brokers, mongoUri });
    await dropTopics(brokers);
    await fill(brokers, size.naive);
    const naive = await runJob({ kind: 'naive', brokers, mongoUri: freshDatabase(mongoUri), sideBySide: false });
    note(`${description}; ${loopCalls} calls through the loop and ${size.naive} the naive way`);
    return { naive: perEvent(naive), loop: perEvent(loop) };
  });

/** An event counts for each service that gets it. */
const perEvent = ({ commands, consumed }: JobResult): number => commands / consumed;

export const mongo: MeasureSpec = {
  name: 'mongo',
  title: 'Commands to the database for each event',
  rounds: 3,
  rows: [
    { key: 'naive', name: 'naive, one event at a time', unit: 'commands/event' },
    { key: 'loop', name: 'whole loop', unit: 'commands/event', over: 'naive' },
  ],
  round,
};
