/**
 * Two questions of whoever looks after processes. Readiness: can it work now? Liveness: would another process do better? When
 * log or store are away it would not: then it is not ready, and alive.
 */
import { Type } from 'typebox';
import type { Platform } from './platform.ts';
import type { App } from './service.ts';

const STALL_UNREADY_MS = 5_000;
/** Log and store answer, and yet nothing goes on for so long: something in this process is broken. */
const STUCK_MS = 120_000;
/** Whoever asks has little patience: `Peers` waits for 4 s, `doctor` for 6 s. */
const ANSWER_MS_MAX = 2_000;

/** A log or a store that does not answer. */
export type Outage = 'event-log' | 'document-store';
const CALLED = { 'event-log': 'the event log', 'document-store': 'the document store' } as const;

export async function reasonsOf(platform: Platform): Promise<readonly string[]> {
  const { waitsFor } = platform;
  if (waitsFor === 'stopping') return [waitsFor];
  if (waitsFor !== null) return [waitsFor, ...(await away(platform))];
  const stalled = [...platform.running.values()].filter(({ status }) => status.stalledMs > STALL_UNREADY_MS);
  return [...(await away(platform)), ...stalled.map(({ name, status }) => `${name} is stalled: ${status.stallReason}`)];
}

/** Why this process should be ended and another one started; empty: it should not. */
export async function stuckReasonsOf(platform: Platform): Promise<readonly string[]> {
  const stuck = [...platform.running.values()].filter(({ status }) => status.outageMs > STUCK_MS);
  if (stuck.length === 0 || (await away(platform)).length > 0) return [];
  return stuck.map(({ name, status }) => `${name} is stuck, though log and store answer: ${status.stallReason}`);
}

async function away(platform: Platform): Promise<readonly string[]> {
  const outages = await platform.outages();
  const trouble = platform.options.log.trouble?.();
  return [
    ...(trouble === undefined ? [] : [trouble]),
    ...outages.map((which) => `${calledOf(platform, which)} does not answer`),
  ];
}

/** Asks both, for two seconds at most. A log that answers and has trouble of another kind is none. */
export async function outagesOf({ options: { log, store } }: Platform): Promise<readonly Outage[]> {
  const [logAnswers, storeAnswers] = await Promise.all([inTime(log.healthy()), inTime(store.healthy())]);
  return [
    ...(logAnswers || log.trouble?.() !== undefined ? [] : (['event-log'] as const)),
    ...(storeAnswers ? [] : (['document-store'] as const)),
  ];
}

/** For people: `the event log (Kafka)`. */
export function calledOf({ options: { servers } }: Platform, which: Outage): string {
  return servers === undefined ? CALLED[which] : `${CALLED[which]} (${servers[which]})`;
}

async function inTime(answer: Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS_MAX);
  try {
    return await Promise.race([answer.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function healthRoutes(app: App, platform: Platform): void {
  const Ready = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });
  const Alive = Type.Object({ alive: Type.Boolean(), reasons: Type.Array(Type.String()) });
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['operations'],
        summary: 'The process is not stuck; 503: start another one',
        response: { 200: Alive, 503: Alive },
      },
    },
    async (_request, reply) => {
      const reasons = await stuckReasonsOf(platform);
      return reply.code(reasons.length === 0 ? 200 : 503).send({ alive: reasons.length === 0, reasons: [...reasons] });
    },
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['operations'],
        summary: 'It can work: log and store answer, nothing is stalled',
        response: { 200: Ready, 503: Ready },
      },
    },
    async (_request, reply) => {
      const reasons = await reasonsOf(platform);
      return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons: [...reasons] });
    },
  );
}
