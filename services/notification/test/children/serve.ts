/** A platform on a data folder, to be killed: prints its URL once it is ready. Arguments: folder, port. */
import { createLogger, Platform, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { notification } from '../../src/index.ts';

const [directory = '', port = '0'] = process.argv.slice(2);
const onFatal = (error: Error) => {
  process.stderr.write(`${error}\n`);
  process.exit(2);
};
const adapters = await openEmbedded({ directory, clock: systemClock, durability: 'process-crash', onFatal });
const platform = await Platform.start({
  services: [
    notification({
      allowPrivate: true,
      delivery: { backoffMs: { first: 5, most: 40 }, reconcileEveryMs: 25, reportEveryMs: 50 },
    }),
  ],
  log: adapters.log,
  store: adapters.store,
  clock: systemClock,
  host: '127.0.0.1',
  port: Number(port),
  logger: createLogger('silent'),
  version: '0',
});
process.stdout.write(`${platform.url}\n`);
