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
/** Whoever asks has little patience. */
const ANSWER_MS_MAX = 3_000;

export async function reasonsOf(platform: Platform): Promise<readonly string[]> {
  const { waitsFor } = platform;
  if (waitsFor !== null) return [waitsFor];
  const stalled = [...platform.running.values()].filter(({ status }) => status.stalledMs > STALL_UNREADY_MS);
  return [...(await away(platform)), ...stalled.map(({ name, status }) => `${name} is stalled: ${status.stallReason}`)];
}

/** Why this process should be ended and another one started; empty: it should not. */
export async function stuckReasonsOf(platform: Platform): Promise<readonly string[]> {
  const stuck = [...platform.running.values()].filter(({ status }) => status.outageMs > STUCK_MS);
  if (stuck.length === 0 || (await away(platform)).length > 0) return [];
  return stuck.map(({ name, status }) => `${name} is stuck, though log and store answer: ${status.stallReason}`);
}

async function away({ options: { log, store } }: Platform): Promise<readonly string[]> {
  const [logAnswers, storeAnswers] = await Promise.all([inTime(log.healthy()), inTime(store.healthy())]);
  return [
    ...(logAnswers ? [] : [log.trouble?.() ?? 'the event log does not answer']),
    ...(storeAnswers ? [] : ['the document store does not answer']),
  ];
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
