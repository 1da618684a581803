/** Given–when–then for the Call aggregate: feeds messages as the kernel would, timers included. */
import {
  CallEvents,
  CallIntake,
  type CallIntakeData,
  type CallIntakeType,
  type CallRecord,
  callIdOf,
  type Emit,
  faultOf,
  type Message,
  type ReplacedCall,
} from '@coachloop/contracts';
import { type CallState, handleCall, initialCall } from '../src/domain/call.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';

export const SOURCE = 'pbx-1';
export const CALL_ID = callIdOf(SOURCE, 'c-1');
export const T0 = Date.UTC(2026, 2, 16, 9, 0, 0);
export const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();
export const OPTIONS = { policy: DEFAULT_POLICY, customerKey: 'test-key' };

/** An intake event `seconds` after T0; the id is made from type and time unless given. */
export function event<T extends CallIntakeType>(
  type: T,
  seconds: number,
  data: Partial<CallIntakeData<T>> = {},
  id = `${type}@${seconds}`,
): Message {
  const whole = { callId: 'c-1', ...data };
  const fault = faultOf(CallIntake[type], whole);
  if (fault) throw new Error(`The test sends ${type} with ${fault.pointer} ${fault.message}`);
  return { id, kind: 'event', type, source: SOURCE, time: T0 + seconds * 1000, data: whole, origin: null };
}

export const words = (...texts: string[]) => ({
  transcript: {
    timing: 'none' as const,
    segments: texts.map((text, index) => ({
      index,
      speaker: index % 2 ? ('customer' as const) : ('agent' as const),
      text,
    })),
  },
});

export interface Run {
  readonly state: CallState;
  readonly emitted: readonly Emit[];
  readonly wakeAt: number | null;
  readonly records: readonly (CallRecord & {
    readonly stage: { from: string; to: string };
    readonly replaces?: ReplacedCall;
  })[];
}

/** Feeds the messages one after another, each `gapMs` of service time after the one before; fires timers that fall due between. */
export function run(messages: readonly Message[], gapsMs: readonly number[] = []): Run {
  let state = initialCall(CALL_ID);
  let wakeAt: number | null = null;
  let now = T0 + 3_600_000;
  const emitted: Emit[] = [];
  const take = (message: Message, time: number) => {
    const decision = handleCall(state, message, time, OPTIONS);
    // What the store keeps is JSON: a state that does not survive it would differ after a restart.
    state = JSON.parse(JSON.stringify(decision.state));
    wakeAt = decision.wakeAt;
    emitted.push(...decision.events);
  };
  const timersUntil = (time: number) => {
    for (let fired = 0; wakeAt !== null && wakeAt <= time; fired += 1) {
      if (fired > 3) throw new Error('The alarm rings for ever');
      take(
        { id: `wake/${wakeAt}`, kind: 'timer', type: 'timer', source: '', time: wakeAt, data: {}, origin: null },
        wakeAt,
      );
    }
  };
  messages.forEach((message, index) => {
    now += gapsMs[index] ?? 1_000;
    timersUntil(now);
    take(message, now);
  });
  const pending = wakeAt;
  timersUntil(Number.MAX_SAFE_INTEGER);
  for (const { type, data } of emitted) {
    const fault = faultOf(CallEvents[type as keyof typeof CallEvents], data);
    if (fault) throw new Error(`Published ${type} does not fit: ${fault.pointer} ${fault.message}`);
  }
  const records = emitted
    .filter(({ type }) => type === 'call.completed' || type === 'call.revised')
    .map(({ data }) => data);
  return { state, emitted, wakeAt: pending, records: records as Run['records'] };
}
