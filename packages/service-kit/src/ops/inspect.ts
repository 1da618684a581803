/**
 * POST /ops/v1/verify and /ops/v1/digest: checks of the whole installation by the process that holds it. The answer is a
 * stream of lines, `{progress}` while it reads and `{result}` or `{problem}` at the end, for it may take minutes.
 */

import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Problem } from '@coachloop/contracts';
import { digest, outputsWaiting, type Progress, verify } from '@coachloop/runtime';
import { Type } from 'typebox';
import { lagsOf } from '../lag.ts';
import type { Platform } from '../platform.ts';
import { httpProblem, toProblem } from '../problem.ts';
import { asProblem, logProblem } from '../server.ts';
import type { App } from '../service.ts';

type Tell = (progress: object) => void;

/** `settled`: everything in the log had been handled and nothing waited to be published, so that the digest says what came of it. */
export interface DigestReport {
  readonly kinds: Readonly<Record<string, { readonly count: number; readonly digest: string }>>;
  readonly settled: boolean;
}

const SETTLE_LOOK_MS = 250;
const SETTLE_MS_MAX = 30_000;

export function inspectRoutes(app: App, platform: Platform): void {
  const { log, store, clock } = platform.options;
  // Each reads everything there is: one at a time is enough for anybody.
  let running: string | null = null;

  const route = (
    name: string,
    summary: string,
    description: string,
    work: (tell: Tell, signal: AbortSignal) => Promise<object>,
  ) =>
    app.post(
      `/ops/v1/${name}`,
      {
        schema: {
          tags: ['operations'],
          summary,
          description: `${description} Answers line by line: \`{progress}\`, and \`{result}\` or \`{problem}\` at the end.`,
          response: {
            200: {
              description: 'Lines',
              content: { 'application/x-ndjson': { schema: Type.Unsafe<PassThrough>({ type: 'string' }) } },
            },
            '4xx': Problem,
          },
        },
      },
      async (request, reply) => {
        if (running !== null) throw httpProblem('OPERATION_RUNNING', `${running} is running.`);
        running = name;
        const left = new AbortController();
        reply.raw.once('close', () => left.abort());
        const lines = new PassThrough();
        // Whoever reads slowly misses progress, never the result.
        const tell: Tell = (progress) => lines.writableNeedDrain || lines.write(`${JSON.stringify({ progress })}\n`);
        void work(tell, left.signal)
          .then((result) => ({ result }))
          .catch((error: unknown) => {
            const problem = asProblem(error);
            if (!left.signal.aborted) logProblem(problem, request);
            return { problem: { ...toProblem(problem), instance: request.id } };
          })
          .then((line) => lines.end(`${JSON.stringify(line)}\n`))
          .finally(() => {
            running = null;
          });
        return reply.type('application/x-ndjson').send(lines);
      },
    );

  route(
    'verify',
    'Check every promise of the kernel',
    'Reads the whole log and every document, beside the running services.',
    async (tell, signal) => {
      const services = await platform.definitions();
      return verify({ services, log, store, clock, live: true, onProgress: tell, signal });
    },
  );
  route(
    'digest',
    'What two runs over the same calls must agree on',
    'Waits until what is in the log has been handled, for half a minute at most.',
    async (tell, signal) => {
      const settled = await settle(platform, tell, signal);
      const services = await platform.definitions();
      return { ...digestReport(await digest({ services, store, onProgress: tell, signal })), settled };
    },
  );
}

export const digestReport = (digests: Awaited<ReturnType<typeof digest>>): Omit<DigestReport, 'settled'> => ({
  kinds: Object.fromEntries(digests.map(({ kind, documents, hash }) => [kind, { count: documents, digest: hash }])),
});

/** Nothing may be left to read or to publish at two looks: between them a handled event becomes one for the next service. */
async function settle(platform: Platform, tell: Tell, signal: AbortSignal): Promise<boolean> {
  const untilMs = performance.now() + SETTLE_MS_MAX;
  let quiet = 0;
  for (;;) {
    const services = await platform.definitions();
    const lags = await lagsOf(platform.options.log, services);
    const unsaid = await outputsWaiting({ services, store: platform.options.store });
    const unread = lags.reduce((sum, { records }) => sum + records, 0);
    const waiting = unread + unsaid;
    quiet = waiting === 0 ? quiet + 1 : 0;
    if (quiet === 2) return true;
    if (performance.now() > untilMs) return false;
    // Nothing comes any more that would take it out along with a write of its own.
    if (unread === 0 && unsaid > 0) await Promise.all([...platform.running.values()].map((service) => service.flush()));
    tell({ step: 'waiting', events: waiting, documents: 0 } satisfies Progress);
    await setTimeout(SETTLE_LOOK_MS, undefined, { signal });
  }
}
