/** Every service on a real broker with the memory store, against the bare library copying the same records, and against one event at a time. */
import { dropTopics } from '../kafka/bare.ts';
import { fill, prepareCopy } from '../kafka/fill.ts';
import { cpuMsPerThousand, type JobResult, messagesPerSecond, runJob } from '../kafka/job.ts';
import { withKafka } from '../kafka/servers.ts';
import type { MeasureSpec, Settings } from '../measure.ts';

const QUICK = { loop: 100, naive: 4 };
const FULL = { loop: 20_000, naive: 200 };

const round = (settings: Settings) =>
  withKafka(settings, async ({ brokers, description }) => {
    const { quick, calls, note, say } = settings;
    const size = quick ? QUICK : FULL;
    const loopCalls = calls ?? size.loop;
    const copy = async (to: string) => runJob({ kind: 'copy', brokers, ...(await prepareCopy(brokers, to)) });
    const refill = async (count: number) => {
      await dropTopics(brokers);
      await fill(brokers, count);
    };
    if (!quick) {
      say('  warming the broker: a copy of the input');
      await fill(brokers, loopCalls);
      await copy('bench-warm');
    }
    await refill(loopCalls);
    say('  the loop');
    const loop = await runJob({ kind: 'loop', brokers });
    say('  the copy of all that it wrote');
    const copied = await copy('bench-copy');
    const naively = async (sideBySide: boolean) => {
      say(`  one event at a time${sideBySide ? ' per partition' : ''}`);
      await refill(size.naive);
      return runJob({ kind: 'naive', brokers, sideBySide });
    };
    const [serial, side] = [await naively(false), await naively(true)];
    note(`${description}; ${loopCalls} calls through the loop and ${size.naive} the naive way`);
    note(`per call, by all services: ${messages(loop, loopCalls)}; naively ${messages(serial, size.naive)}`);
    note(`the loop's services got ${Math.round(loop.consumed / loop.batches)} records in a batch on average`);
    const perSecond = ({ seconds }: JobResult, done: number) => done / seconds;
    return {
      copy: messagesPerSecond(copied),
      loop: messagesPerSecond(loop),
      copyCpu: cpuMsPerThousand(copied),
      loopCpu: cpuMsPerThousand(loop),
      naive: perSecond(serial, size.naive),
      side: perSecond(side, size.naive),
      loopOfNaive: perSecond(loop, loopCalls),
      loopOfSide: perSecond(loop, loopCalls),
    };
  });

const messages = ({ consumed, produced }: JobResult, calls: number): string =>
  `${(consumed / calls).toFixed(1)} messages consumed, ${(produced / calls).toFixed(1)} produced`;

export const kafka: MeasureSpec = {
  name: 'kafka',
  title: 'Whole loop on Kafka, documents in memory',
  rounds: 5,
  rows: [
    { key: 'copy', name: 'bare kafkajs, eachBatch, topic to topic', unit: 'messages/s' },
    {
      key: 'loop',
      name: 'whole loop, all services',
      unit: 'messages/s',
      over: 'copy',
      goal: { atLeast: 0.6, of: 'ratio' },
    },
    { key: 'copyCpu', name: 'processor time: bare kafkajs', unit: 'ms/1,000 messages' },
    { key: 'loopCpu', name: 'processor time: whole loop', unit: 'ms/1,000 messages', over: 'copyCpu' },
    { key: 'naive', name: 'naive, one event at a time in each service', unit: 'calls/s' },
    { key: 'side', name: 'naive, one event at a time in each partition', unit: 'calls/s' },
    {
      key: 'loopOfNaive',
      name: 'whole loop, of one event at a time',
      unit: 'calls/s',
      over: 'naive',
      goal: { atLeast: 10, of: 'ratio' },
    },
    { key: 'loopOfSide', name: 'whole loop, of one per partition', unit: 'calls/s', over: 'side' },
  ],
  round,
};
