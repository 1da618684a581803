/** Call records without a server: what the platform would publish for the calls of a file, from the same pure parts. */
import type { CallRecord } from '@coachloop/contracts';
import { destinationOf } from './domain/aggregates.ts';
import { type CallOptions, handleCall, initialCall } from './domain/call.ts';
import type { CallMessage } from './domain/intake.ts';
import { recordOf } from './domain/record.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import type { MappedCall, Note } from './sources/source.ts';
import { mapVcon } from './sources/vcon/source.ts';

export interface VconRecords {
  readonly records: readonly CallRecord[];
  /** What makes no call, with the JSON pointer to blame. */
  readonly rejected: readonly Note[];
  readonly warnings: readonly Note[];
}

export const DEFAULT_VCON_SOURCE = 'vcon';

/**
 * The calls of one vCon, each as its record once everything of it has been heard. `now`: ms, against which times in the future
 * are refused. Never throws for what is in the file.
 */
export function recordsOfVcon(vcon: unknown, now: number, source = DEFAULT_VCON_SOURCE): VconRecords {
  const { calls, rejected, warnings } = mapVcon(vcon, { source, openCases: false });
  const records: CallRecord[] = [];
  const refused: Note[] = [];
  for (const call of calls) {
    try {
      records.push(recordAfter(call, now));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'VCON_CALL_INVALID';
      refused.push({ code, path: call.path, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { records, rejected: [...rejected, ...refused], warnings };
}

/** @throws DomainError when the call refuses one of its events. */
function recordAfter({ events, sourceCallId }: MappedCall, now: number): CallRecord {
  const { policy, customerKey } = DEFAULT_OPTIONS;
  const options: CallOptions = { policy, customerKey };
  const [first] = events;
  if (!first) throw new Error(`The call ${sourceCallId} has no events.`);
  let state = initialCall(destinationOf(first.source, first.type, first.data).id);
  for (const { id, source, type, time, data } of events)
    state = handleCall(
      state,
      { id, kind: 'event', type, source, time, data, origin: null } as CallMessage,
      now,
      options,
    ).state;
  return recordOf(state, state.facts, Math.max(1, state.revision));
}
