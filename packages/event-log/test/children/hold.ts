/** Opens a log, says so, and stays until it is killed. argv: file. */
import { openEmbeddedLog } from '../../src/embedded/index.ts';

const log = await openEmbeddedLog({ file: process.argv[2] ?? '', clock: Date });
console.log('open');
setInterval(() => log.healthy(), 1_000);
