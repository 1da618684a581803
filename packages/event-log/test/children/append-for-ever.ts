/**
 * Appends numbered records until it is killed, and prints every number that was acknowledged, a line each.
 * argv: file, first number, appends side by side.
 */
import { writeSync } from 'node:fs';
import { openEmbeddedLog } from '../../src/embedded/index.ts';

const [file = '', first = '0', side = '1'] = process.argv.slice(2);
const log = await openEmbeddedLog({ file, clock: Date });
await log.createTopics([{ name: 'numbers', partitions: 3 }]);

let next = Number(first);
async function appendForEver(): Promise<never> {
  for (;;) {
    const numbers = Array.from({ length: 1 + (next % 50) }, () => next++);
    const value = new Uint8Array(200);
    await log.append(numbers.map((n) => ({ topic: 'numbers', key: String(n), headers: {}, value })));
    writeSync(1, `${numbers.join('\n')}\n`);
  }
}
await Promise.all(Array.from({ length: Number(side) }, appendForEver));
