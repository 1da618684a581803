/** Both services on a folder, until they have handled all that is there; or until COACHLOOP_CRASH_AT kills the process. */
import { DOCUMENT_BOUNDS, faultsFrom } from '../../src/index.ts';
import { TestClock } from '../../src/testing.ts';
import { openFolder } from '../harness/adapters.ts';
import { agentsService, callsService } from '../harness/services.ts';
import { NOW, World } from '../harness/world.ts';

Object.assign(DOCUMENT_BOUNDS, { inbox_hot_max: 4 }); // so small that it rolls over
const [directory = ''] = process.argv.slice(2);
const clock = new TestClock(NOW);
const adapters = await openFolder(directory, clock);
const world = new World(clock, adapters);
const faults = faultsFrom(process.env);
await world.start(callsService(), { faults, sweepAfterMs: 0 });
await world.start(agentsService(), { faults, sweepAfterMs: 0 });
await world.quiet();
await Promise.all(world.services.map((service) => service.stop()));
await adapters.close();
