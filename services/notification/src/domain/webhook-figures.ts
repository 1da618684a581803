/**
 * The aggregate `webhook-figures` (id = webhook): how delivery goes, as its senders report it every few seconds. Apart from the
 * webhook, so that reports do not push the keys of people's requests out of its document.
 */
import type { Decision, Message } from '@coachloop/contracts';

/** A partition whose next event the receiver does not take. At most one per partition of the public topics. */
export interface FailingLane {
  /** `<topic>/<partition>`, or `NOT_BEGUN`. */
  readonly lane: string;
  /** First failure in a row, wall-clock ms. */
  readonly sinceMs: number;
  /** Null: no answer. */
  readonly status: number | null;
  readonly error: string | null;
}

export interface Figures {
  readonly webhookId: string;
  readonly epoch: number;
  readonly delivered: number;
  readonly lastDeliveredMs: number | null;
  readonly lastAttemptMs: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly failing: readonly FailingLane[];
}

/** In place of a lane: delivery does not begin, by a fault on our side, e.g. a group that the brokers do not let us join. */
export const NOT_BEGUN = '*';

export interface Report {
  readonly epoch: number;
  readonly delivered: number;
  readonly lastDeliveredMs: number | null;
  /** Null: none was made. */
  readonly lastAttemptMs: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly failing: readonly FailingLane[];
  /** Lanes whose last event was taken. */
  readonly flowing: readonly string[];
}

export const REPORT_COMMAND = 'webhook.reported';
export const FORGET_COMMAND = 'webhook.forgotten';

export const newFigures = (webhookId: string): Figures => ({
  webhookId,
  epoch: 0,
  delivered: 0,
  lastDeliveredMs: null,
  lastAttemptMs: null,
  lastStatus: null,
  lastError: null,
  failing: [],
});

/** Failures from before somebody acted are forgiven, also before the next report says so. */
export const failingOf = (webhook: { readonly epoch: number }, figures: Figures): readonly FailingLane[] =>
  figures.epoch === webhook.epoch ? figures.failing : [];

/** Since when some partition has been waiting, wall-clock ms; null: none does. */
export const failingSinceOf = (failing: readonly FailingLane[]): number | null =>
  failing.length === 0 ? null : Math.min(...failing.map(({ sinceMs }) => sinceMs));

function report(state: Figures, said: Report): Figures {
  const old = said.epoch < state.epoch;
  const before = said.epoch > state.epoch ? [] : state.failing;
  const touched = new Set([...said.flowing, ...said.failing.map(({ lane }) => lane)]);
  const still = said.failing.map((each) => ({
    ...each,
    sinceMs: Math.min(each.sinceMs, before.find(({ lane }) => lane === each.lane)?.sinceMs ?? each.sinceMs),
  }));
  const newer = said.lastAttemptMs !== null && said.lastAttemptMs >= (state.lastAttemptMs ?? 0);
  return {
    ...state,
    delivered: state.delivered + said.delivered,
    lastDeliveredMs: Math.max(state.lastDeliveredMs ?? 0, said.lastDeliveredMs ?? 0) || null,
    ...(newer ? { lastAttemptMs: said.lastAttemptMs, lastStatus: said.lastStatus, lastError: said.lastError } : {}),
    ...(old
      ? {} // somebody acted since; those failures are forgiven
      : { epoch: said.epoch, failing: [...before.filter(({ lane }) => !touched.has(lane)), ...still] }),
  };
}

export function handleFigures(state: Figures, message: Message): Decision<Figures | null> {
  if (message.type === FORGET_COMMAND) return { state: null, events: [], wakeAt: null };
  if (message.type !== REPORT_COMMAND) return { state, events: [], wakeAt: null };
  const next = report(state, message.data as Report);
  return {
    state: next,
    events: [],
    wakeAt: null,
    // A fault of ours is no reason to give a receiver up.
    reply: { failingSinceMs: failingSinceOf(next.failing.filter(({ lane }) => lane !== NOT_BEGUN)), epoch: next.epoch },
  };
}
