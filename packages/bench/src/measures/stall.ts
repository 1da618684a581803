/** How long a group stands still when an instance comes, is killed, or is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fill, openLog, recordsOf } from '../kafka/fill.ts';
import { Installation } from '../kafka/installation.ts';
import { feed, type Stalls, stallsDuring } from '../kafka/progress.ts';
import { withServers } from '../kafka/servers.ts';
import type { MeasureSpec, Settings } from '../measure.ts';

const GROUP = 'call-ingest';
/** What is fed: enough for each partition to have many keys; they come again and again, as repetitions. */
const CALLS = 300;
const QUIET_MS = { quick: 1_000, full: 5_000 };

const round = (settings: Settings) =>
  withServers(settings, async (servers) => {
    const { quick, note, say } = settings;
    const installation = await Installation.prepare(servers);
    const log = openLog(servers.brokers);
    const stop = new AbortController();
    let fed: Promise<void> = Promise.resolve();
    try {
      await fill(servers.brokers, 1);
      const first = await installation.add(GROUP);
      await installation.add(GROUP);
      fed = feed(log, recordsOf(CALLS), stop.signal);
      const during = async (what: string, action: () => Promise<unknown>): Promise<Stalls> => {
        say(`  ${what}`);
        return stallsDuring(log, GROUP, action());
      };
      await during('until it runs evenly', () => sleep(QUIET_MS.full));
      const quiet = await during('without a change', () => sleep(quick ? QUIET_MS.quick : QUIET_MS.full));
      const added = await during('an instance more', () => installation.add(GROUP));
      const ended = await during('an instance told to stop', () => installation.end(first, 'SIGTERM'));
      const [victim] = installation.instances;
      const killed = await during('an instance killed', async () => victim && installation.end(victim, 'SIGKILL'));
      note(
        `${GROUP} with two to three instances, ten records a second into each of 12 partitions; ${servers.description}`,
      );
      return {
        quiet: quiet.partition,
        added: added.partition,
        addedGroup: added.group,
        ended: ended.partition,
        endedGroup: ended.group,
        killed: killed.partition,
        killedGroup: killed.group,
      };
    } finally {
      stop.abort();
      await fed.catch(() => undefined);
      await installation.stop();
      await log.close();
    }
  });

export const stall: MeasureSpec = {
  name: 'stall',
  title: 'Standing still while a group meets anew',
  rounds: 5,
  rows: [
    { key: 'quiet', name: 'no change: longest pause of a partition', unit: 's' },
    { key: 'added', name: 'an instance more: of a partition', unit: 's' },
    { key: 'addedGroup', name: 'an instance more: of the whole group', unit: 's' },
    { key: 'ended', name: 'SIGTERM: of a partition', unit: 's' },
    { key: 'endedGroup', name: 'SIGTERM: of the whole group', unit: 's' },
    { key: 'killed', name: 'kill -9: of a partition', unit: 's' },
    { key: 'killedGroup', name: 'kill -9: of the whole group', unit: 's' },
  ],
  round,
};
