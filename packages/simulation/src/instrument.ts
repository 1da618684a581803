/** The real services, watched: every run of a transition is marked, for the ledger. Nothing else of them is changed. */
import type { Decision, Message } from '@coachloop/contracts';
import { type Aggregate, aggregate, type ServiceDefinition } from '@coachloop/runtime';
import type { Effect, Ledger } from './ledger.ts';

/** A field that only the next release knows: this one has to keep it. It counts the runs of the next release. */
export const NEXT_RELEASE_FIELD = 'ofNextRelease';

type Watched = { readonly [NEXT_RELEASE_FIELD]?: number };

export function instrument(
  definition: ServiceDefinition,
  release: 1 | 2,
  ledger: Ledger,
  onTimer: (service: ServiceDefinition, message: Message) => void,
): ServiceDefinition {
  const aggregates = definition.aggregates.map((each) =>
    watched(each as unknown as Aggregate, release, ledger, (message) => onTimer(definition, message)),
  );
  return { ...definition, aggregates };
}

function watched(real: Aggregate, release: 1 | 2, ledger: Ledger, onTimer: (message: Message) => void) {
  const next = release === 1 ? {} : { schema: real.schema + 1, upcasts: { ...real.upcasts, [real.schema]: asItIs } };
  return aggregate<object>({
    ...real,
    ...next,
    initial: (id) => ({ ...real.initial(id) }),
    handle: (state, message, now): Decision<object | null> => {
      if (message.kind === 'timer') onTimer(message);
      const decision = real.handle(state, message, now);
      const deleted = decision.state === null;
      const { events: emits, reply, wakeAt } = decision;
      const effect: Effect = { message, emits, release, deleted, reply, wakeAt };
      const runs = [...ledger.runsOf(state), effect];
      if (decision.state === null) {
        ledger.ran(markerOf(decision), runs);
        return decision;
      }
      const kept = { ...decision.state, ...counted(state, release) };
      ledger.ran(kept, runs);
      return { ...decision, state: kept };
    },
  });
}

const asItIs = <T>(state: T): T => state;

const counted = (state: Watched, release: 1 | 2): Watched =>
  release === 1 ? {} : { [NEXT_RELEASE_FIELD]: (state[NEXT_RELEASE_FIELD] ?? 0) + 1 };

/** A deleted document has no state to leave a mark on; what it said last has data. */
function markerOf({ events }: Decision<null | object>): object {
  const data = events[0]?.data;
  if (typeof data !== 'object' || data === null)
    throw new Error('A transition that deletes has to emit something here.');
  return data;
}
