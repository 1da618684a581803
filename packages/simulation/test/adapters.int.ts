/**
 * Where no fault is armed, the simulated log is a log like any other. The simulated store is the memory adapter, which passes its
 * own suite; it alone takes documents as they are and not as copies, because the ledger knows them by their identity.
 */
import { eventLogConformance } from '@coachloop/event-log/conformance';
import { NO_LIMITS } from '../src/index.ts';
import { SimProcess } from '../src/process.ts';
import { World } from '../src/world.ts';

/** A world without faults whose time goes on by itself. */
function quietWorld() {
  const world = new World(1, NO_LIMITS);
  world.faults.armed = false;
  let isOpen = true;
  const turn = async () => {
    if (!(await world.scheduler.step())) await new Promise((resolve) => setTimeout(resolve, 1));
    if (isOpen) void turn();
  };
  void turn();
  const close = () => {
    isOpen = false;
  };
  return { world, process: new SimProcess('test#1', world), close };
}

eventLogConformance(
  'the simulated log',
  async () => {
    const { world, process, close } = quietWorld();
    const log = world.log.portOf(process);
    return { log, clock: null, close: () => log.close().finally(close) };
  },
  { exclusiveHandover: false, retentionSparesGroups: false, patienceMs: 5_000 },
);
