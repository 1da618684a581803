/** call-ingest on the real kernel and the real HTTP server, with adapters in memory and a clock that the test moves. */
import { type CloudEvent, faultOf, schemaOf } from '@coachloop/contracts';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import { RunningService } from '@coachloop/runtime';
import { TestClock } from '@coachloop/runtime/testing';
import { createLogger, createServer } from '@coachloop/service-kit';
import { type CallIngestOptions, callIngest } from '../src/index.ts';

export const NOW = Date.UTC(2026, 4, 4, 12, 0, 0);

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  readonly body: any;
}

export async function startIngest(
  options: Partial<CallIngestOptions> = {},
  pressure: () => number | null = () => null,
) {
  const clock = new TestClock(NOW);
  const log = createMemoryLog({ clock });
  const store = createMemoryStore();
  const service = callIngest({ customerKey: 'test-key', ...options });
  const running = await RunningService.start(service.definition, { log, store, clock, pressure, timersEveryMs: 1 });
  const app = await createServer({ host: '127.0.0.1', logger: createLogger('silent'), version: '0' });
  await service.routes?.(app, running);
  await app.ready();

  const ask = async (
    method: 'GET' | 'POST',
    url: string,
    payload?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const reply = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    const type = String(reply.headers['content-type'] ?? '');
    return {
      status: reply.statusCode,
      type,
      headers: reply.headers,
      body: type.includes('json') ? reply.json() : reply.body,
    };
  };

  /** Everything published on call-events, each checked against its schema. */
  const published = async (): Promise<readonly CloudEvent[]> => {
    const events: CloudEvent[] = [];
    for await (const batch of running.events({ topics: ['call-events'], from: 'start', follow: false }))
      for (const { event } of batch) {
        const schema = schemaOf('call-events', event.type);
        const fault = schema && faultOf(schema, event.data);
        if (!schema || fault) throw new Error(`${event.type}: ${fault?.pointer} ${fault?.message}`);
        events.push(event);
      }
    return events;
  };

  return {
    clock,
    log,
    store,
    app,
    running,
    published,
    get: (url: string) => ask('GET', url),
    post: ask.bind(null, 'POST'),
    event: (event: unknown) =>
      ask('POST', '/ingest/v1/events', JSON.stringify(event), { 'content-type': 'application/cloudevents+json' }),
    batch: (events: unknown) =>
      ask('POST', '/ingest/v1/events', JSON.stringify(events), {
        'content-type': 'application/cloudevents-batch+json',
      }),
    vcon: (vcon: unknown, query = '') =>
      ask('POST', `/ingest/v1/vcons${query}`, JSON.stringify(vcon), { 'content-type': 'application/json' }),
    async stop() {
      await app.close();
      await running.stop();
    },
  };
}
export type Ingest = Awaited<ReturnType<typeof startIngest>>;

/** A good CloudEvent; fields are overwritten as the test needs. */
export const good = (overrides: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: 'e-1',
  source: 'pbx-1',
  type: 'call.ended',
  time: '2026-05-04T11:00:00Z',
  data: { callId: 'c-1', ...data },
  ...overrides,
});
