/**
 * Appends until the disk is full, as a service would run: the log's end is the process's end. Prints how many records
 * were acknowledged. argv: file.
 */
import { writeSync } from 'node:fs';
import { openEmbeddedLog } from '../../src/embedded/index.ts';

let acknowledged = 0;
const log = await openEmbeddedLog({
  file: process.argv[2] ?? '',
  clock: Date,
  onFatal: (error) => {
    writeSync(1, `${acknowledged}\n`);
    writeSync(2, `${error.code} ${error.message}\n`);
    process.exit(1);
  },
});
await log.createTopics([{ name: 'numbers', partitions: 1 }]);
for (;;) {
  const batch = Array.from({ length: 100 }, () => ({
    topic: 'numbers',
    key: 'k',
    headers: {},
    value: new Uint8Array(500),
  }));
  await log.append(batch);
  acknowledged += batch.length;
}
