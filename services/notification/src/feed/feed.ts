/** Reads the public log as a subscriber sees it: chosen types, each event once, and after each a place to continue from. */
import { type CloudEvent, headerText } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import type { ServiceContext } from '@coachloop/runtime';
import type { Cursor } from './cursor.ts';
import type { Selection } from './patterns.ts';
import { Repeats } from './repeats.ts';

/** Streams remembered per reader, about 100 bytes each. */
const STREAMS_MAX = 10_000;

/** By its header alone: most of what is on a topic may not be wanted, and its payload is not read then. */
export function isWanted({ headers }: LogRecord, { types }: Selection): boolean {
  try {
    return types.has(headerText(headers.ce_type) ?? '');
  } catch {
    return false; // not UTF-8: no event of ours
  }
}

export interface FeedOptions {
  readonly selection: Selection;
  /** Moved along: at each event it is the place after that event; at the end, the end of what was read. */
  readonly cursor: Cursor;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Of `performance.now()`: ends with the first records that were read by then, so that there always is progress. */
  readonly untilMs?: number;
}

/** @throws LogError LOG_OFFSET_OUT_OF_RANGE, also in the middle, when retention overtakes a slow reader. */
export async function* feed(
  service: ServiceContext,
  options: FeedOptions,
): AsyncGenerator<CloudEvent, void, undefined> {
  const { selection, cursor, follow, signal, untilMs = Number.POSITIVE_INFINITY } = options;
  const repeats = new Repeats(STREAMS_MAX);
  const from = cursor.positions(selection.topics);
  for await (const records of service.log.scan({ topics: selection.topics, from, follow, signal })) {
    for await (const portion of service.read(records.filter((record) => isWanted(record, selection))))
      for (const { event, record } of portion) {
        if (repeats.has(event)) continue;
        repeats.add(event);
        cursor.advance({ ...record, offset: record.offset + 1 });
        yield event;
        if (signal.aborted) return;
      }
    const last = records.at(-1);
    if (last) cursor.advance({ ...last, offset: last.offset + 1 });
    if (performance.now() >= untilMs) return;
  }
}
