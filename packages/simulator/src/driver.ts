/**
 * Runs a centre along a clock that the caller holds: ask for what is to be delivered until a moment, tell it which trainings were
 * assigned. What comes out depends on the seed and on the order of these calls alone.
 *
 *     const driver = createDriver({ centre });
 *     for (const due of driver.until(clock.now())) due.kind === 'event' ? post(due.event) : report(due);
 *     onEvent('training.assigned', (event) => driver.assigned(event.data, clock.now()));
 */
import type { CloudEventJson, CompletionReport, StartReport, TrainingEventData } from '@coachloop/contracts';
import type { CallTruth } from './call.ts';
import { type Centre, isCompetency } from './centre.ts';
import { deliveriesOf } from './delivery.ts';
import { Heap } from './heap.ts';
import { randomOf } from './random.ts';
import { drawMs } from './timing.ts';

const ASSIGNMENTS_KNOWN_MAX = 10_000;

/** `deliverMs`: when to send it, ms since the epoch on the simulated clock. */
export type ScheduledEvent =
  | { readonly deliverMs: number; readonly kind: 'event'; readonly event: CloudEventJson }
  | { readonly deliverMs: number; readonly kind: 'start'; readonly assignmentId: string; readonly report: StartReport }
  | {
      readonly deliverMs: number;
      readonly kind: 'completion';
      readonly assignmentId: string;
      readonly report: CompletionReport;
    };

export interface Driver {
  /** What is to be delivered up to and including `timeMs`, in that order. Time never goes back: an earlier moment gives nothing. */
  until(timeMs: number): ScheduledEvent[];
  /**
   * The learner will start and finish this assignment; both reports come out of `until`, and what was learnt shows in calls that
   * begin after the completion. False: already known, or not of this centre.
   */
  assigned(assignment: TrainingEventData<'training.assigned'>, timeMs: number): boolean;
  /** What is under way and not yet delivered; it is bounded by the longest delay. */
  readonly pending: number;
}

export interface DriverOptions {
  readonly centre: Centre;
  /** Exactly so many calls, then silence; absent: without end. */
  readonly calls?: number;
  /** Told of each call as it is made. */
  readonly onCall?: (truth: CallTruth) => void;
}

interface Pending {
  readonly ordinal: number;
  readonly scheduled: ScheduledEvent;
  /** What it does to the centre when its time has come. */
  readonly effect?: () => void;
}

export function createDriver({ centre, calls = Number.POSITIVE_INFINITY, onCall }: DriverOptions): Driver {
  const pending = new Heap<Pending>((a, b) => a.scheduled.deliverMs - b.scheduled.deliverMs || a.ordinal - b.ordinal);
  const known = new Set<string>();
  let ordinal = 0;
  let made = 0;
  let assignments = 0;
  let nowMs = centre.startMs;
  const schedule = (scheduled: ScheduledEvent, effect?: () => void) =>
    pending.push({ ordinal: ordinal++, scheduled, ...(effect ? { effect } : {}) });

  const makeCall = () => {
    const call = centre.nextCall();
    made++;
    const random = randomOf(centre.seed, 'delivery', call.truth.callId);
    for (const { deliverMs, event } of deliveriesOf(call, centre.config.delivery, random))
      schedule({ deliverMs, kind: 'event', event });
    onCall?.(call.truth);
  };

  return {
    get pending() {
      return pending.size;
    },
    until: (timeMs) => {
      nowMs = Math.max(nowMs, timeMs);
      const out: ScheduledEvent[] = [];
      for (;;) {
        const startMs = made < calls ? centre.nextStartMs() : Number.POSITIVE_INFINITY;
        const first = pending.peek();
        const dueMs = first?.scheduled.deliverMs ?? Number.POSITIVE_INFINITY;
        if (Math.min(startMs, dueMs) > timeMs) return out;
        // A completion takes effect before the calls that begin at the same moment or later.
        if (startMs < dueMs) makeCall();
        else if (first) {
          pending.pop();
          first.effect?.();
          out.push(first.scheduled);
        } else return out;
      }
    },
    assigned: (assignment, timeMs) => {
      const { assignmentId, agentId, competency, attempt, course } = assignment;
      const agentKey = centre.keyOf(agentId);
      if (agentKey === undefined || !isCompetency(competency) || known.has(assignmentId)) return false;
      remember(known, assignmentId);
      const { training } = centre.config;
      const random = randomOf(centre.seed, 'training', agentKey, competency, attempt, assignments++);
      const startMs = Math.max(nowMs, timeMs) + drawMs(training.startDelayMinutes, random) * 60;
      const completedMs = startMs + drawMs(training.durationMinutes, random) * 60;
      const passed = random.chance(training.passShare);
      const sourceId = `${centre.seed}-${agentKey}-training-${assignments}`;
      const startedAt = new Date(startMs).toISOString();
      schedule(
        {
          deliverMs: startMs,
          kind: 'start',
          assignmentId,
          report: { assignmentId, startedAt, sourceId: `${sourceId}-start` },
        },
        () => centre.occupy(agentKey, completedMs),
      );
      const report: CompletionReport = {
        assignmentId,
        learner: agentId,
        courseId: course.id,
        startedAt,
        completedAt: new Date(completedMs).toISOString(),
        passed,
        score: passed ? random.int(70, 100) : random.int(20, 59),
        sourceId,
      };
      schedule({ deliverMs: completedMs, kind: 'completion', assignmentId, report }, () => {
        if (passed) centre.train(agentKey, competency, attempt, random, completedMs);
      });
      return true;
    },
  };
}

function remember(known: Set<string>, id: string): void {
  if (known.size >= ASSIGNMENTS_KNOWN_MAX)
    for (const oldest of known) {
      known.delete(oldest);
      break;
    }
  known.add(id);
}
