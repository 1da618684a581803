/** GET /events/v1: the public log for those without Kafka: NDJSON, pages of JSON, or server-sent events. */
import type { ServerResponse } from 'node:http';
import { Problem, parseTime } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import type { App } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { CURSOR_CHARS_MAX, Cursor } from '../feed/cursor.ts';
import { feed } from '../feed/feed.ts';
import { type Format, formatOf, heartbeatOf, jsonOf, lineOf, messageOf } from '../feed/format.ts';
import { checkPatterns, type Selection, selectionOf } from '../feed/patterns.ts';
import { Writer } from '../feed/writer.ts';
import { problem } from './problem.ts';

export const FEED_BOUNDS = {
  clients_max: 200,
  page_events_default: 100,
  page_events_max: 1_000,
  /** A page ends early when it is this large. */
  page_characters_max: 8 * 1024 * 1024,
  /** A page ends early after so long: the wanted may be few among many, and who asks, or a proxy in between, waits for a first byte. */
  page_ms: 10_000,
  heartbeat_ms: 15_000,
  /** A client that takes nothing for so long is let go. */
  patience_ms: 60_000,
} as const;

const Query = Type.Object({
  types: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'Event types, several by commas; a star at the end: `training.*`. Absent: all',
    }),
  ),
  after: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: CURSOR_CHARS_MAX,
      description: 'Continue after this cursor. Absent: as `from` says',
    }),
  ),
  from: Type.Optional(
    Type.String({
      maxLength: 40,
      description: '`start` (the default), `now`, or an RFC 3339 time: published since then',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Most events; for a page 1,000, default 100; else no limit',
    }),
  ),
  follow: Type.Optional(
    Type.Boolean({ description: 'NDJSON: wait for more at the end of the log; meanwhile an empty line now and then' }),
  ),
});
type Query = Static<typeof Query>;

interface Reading {
  readonly selection: Selection;
  readonly cursor: Cursor;
  readonly signal: AbortSignal;
}

export interface FeedTimings {
  readonly heartbeatMs?: number;
  readonly patienceMs?: number;
  readonly pageMs?: number;
}

export function eventsRoute(app: App, service: ServiceContext, timings: FeedTimings = {}): void {
  const closing = new AbortController();
  let clients = 0;
  app.addHook('preClose', async () => closing.abort());
  app.get(
    '/events/v1',
    {
      schema: {
        tags: ['events'],
        summary: 'The public log: every event from the beginning, or after a cursor',
        description:
          'By `Accept`: `application/x-ndjson` (the default; one CloudEvent per line), `application/json` (a page), `text/event-stream` (follows; `Last-Event-ID` continues). Every event has an attribute `cursor`: give it as `after` to continue exactly there. At least once: `id` tells a repetition.',
        querystring: Query,
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: CURSOR_CHARS_MAX })) }),
        response: {
          200: {
            description: 'Events',
            content: {
              'application/x-ndjson': { schema: Type.String() },
              'text/event-stream': { schema: Type.String() },
              'application/json': {
                schema: Type.Object({
                  items: Type.Array(Type.Unknown()),
                  next: Type.String(),
                  more: Type.Boolean({
                    description:
                      'False: the end of the log was reached. True: ask on after `next`, also when `items` is short or empty',
                  }),
                }),
              },
            },
          },
          '4xx': Problem,
        },
      },
    },
    async (request, reply) => {
      const format = formatOf(request.headers.accept);
      if (!format)
        throw problem('EVENTS_NOT_ACCEPTABLE', `Nothing of ${JSON.stringify(request.headers.accept)} is there.`);
      if (clients >= FEED_BOUNDS.clients_max)
        throw problem('EVENT_STREAMS_FULL', `${clients} are reading.`, { retryAfter: 10 });
      const selection = selectionOf(
        checkPatterns(
          (request.query.types ?? '*').split(',').map((each) => each.trim()),
          '/types',
        ),
      );
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      clients += 1;
      try {
        const cursor = await cursorOf(service, request.query, request.headers['last-event-id'], selection);
        const reading = { selection, cursor, signal: AbortSignal.any([gone.signal, closing.signal]) };
        if (format === 'application/json')
          return await reply.type(format).send(await page(service, reading, request.query.limit, timings.pageMs));
        reply.hijack();
        const { raw, log } = reply;
        request.raw.socket.setKeepAlive(true, 30_000); // a client whose machine is gone is noticed
        await stream(service, reading, { format, raw, query: request.query, timings }).catch((error: unknown) => {
          log.warn(
            { code: (error as { code?: string }).code, err: String(error) },
            'a stream of events was broken off',
          );
          raw.destroy();
        });
      } finally {
        clients -= 1;
      }
    },
  );
}

async function cursorOf(
  service: ServiceContext,
  query: Query,
  last: string | undefined,
  { topics }: Selection,
): Promise<Cursor> {
  const after = last || query.after; // a browser that reconnects sends both
  if (after !== undefined && query.from !== undefined && !last)
    throw problem('EVENTS_FROM_INVALID', 'Both `after` and `from` were given.', { pointer: '/from' });
  if (after !== undefined) return known(service, after, topics);
  const cursor = new Cursor();
  const from = query.from ?? 'start';
  if (from === 'start') return cursor;
  for (const position of await positionsFrom(service, topics, from)) cursor.advance(position);
  return cursor;
}

/** @throws HttpProblem EVENTS_FROM_INVALID */
export async function positionsFrom(service: ServiceContext, topics: readonly string[], from: string) {
  if (from === 'now')
    return (await service.log.watermarks(topics)).map(({ topic, partition, next }) => ({
      topic,
      partition,
      offset: next,
    }));
  const timeMs = parseTime(from);
  if (timeMs === null)
    throw problem('EVENTS_FROM_INVALID', `${JSON.stringify(from)} is neither start, nor now, nor a time.`, {
      pointer: '/from',
    });
  return service.log.offsetsAt(topics, timeMs);
}

async function known(service: ServiceContext, text: string, topics: readonly string[]): Promise<Cursor> {
  const cursor = Cursor.parse(text);
  if (!cursor) throw problem('CURSOR_INVALID', 'It cannot be read.', { pointer: '/after' });
  const marks = new Map(
    (await service.log.watermarks(topics)).map((mark) => [`${mark.topic}/${mark.partition}`, mark]),
  );
  for (const { topic, partition, offset } of cursor.positions(topics)) {
    const mark = marks.get(`${topic}/${partition}`);
    if (!mark || offset > mark.next)
      throw problem('CURSOR_INVALID', 'It names a place that this log has not reached.', { pointer: '/after' });
    if (offset < mark.first) throw problem('CURSOR_EXPIRED', 'Too much time has passed.', { pointer: '/after' });
  }
  return cursor;
}

async function page(
  service: ServiceContext,
  reading: Reading,
  limit: number = FEED_BOUNDS.page_events_default,
  pageMs: number = FEED_BOUNDS.page_ms,
) {
  const most = Math.min(limit, FEED_BOUNDS.page_events_max);
  const untilMs = performance.now() + pageMs;
  const items: string[] = [];
  let characters = 0;
  let isFull = false;
  for await (const event of feed(service, { ...reading, follow: false, untilMs })) {
    const text = jsonOf(event, reading.cursor.toString());
    items.push(text);
    characters += text.length;
    isFull = items.length >= most || characters >= FEED_BOUNDS.page_characters_max;
    if (isFull) break;
  }
  const more = isFull || performance.now() >= untilMs;
  return `{"items":[${items.join(',')}],"next":"${reading.cursor}","more":${more}}`;
}

interface Answer {
  readonly format: Format;
  readonly raw: ServerResponse;
  readonly query: Query;
  readonly timings: FeedTimings;
}

async function stream(
  service: ServiceContext,
  reading: Reading,
  { format, raw, query, timings }: Answer,
): Promise<void> {
  const { cursor, signal } = reading;
  const { heartbeatMs = FEED_BOUNDS.heartbeat_ms, patienceMs = FEED_BOUNDS.patience_ms } = timings;
  const isSse = format === 'text/event-stream';
  const follow = isSse || query.follow === true;
  const textOf = isSse ? messageOf : lineOf;
  raw.writeHead(200, {
    'content-type': `${format}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  const writer = new Writer(raw, signal, patienceMs);
  const beat = () => writer.beat(isSse ? heartbeatOf(cursor.toString()) : '\n', heartbeatMs);
  const heart = follow ? setInterval(beat, heartbeatMs) : undefined;
  try {
    let count = 0;
    for await (const event of feed(service, { ...reading, follow })) {
      count += 1;
      if (!(await writer.write(textOf(event, cursor.toString())))) return;
      if (count === query.limit) break;
    }
    // A whole answer ends properly; one that was cut short does not, so that nobody takes it for whole.
    if (signal.aborted && !follow) raw.destroy();
    else raw.end();
  } finally {
    clearInterval(heart);
  }
}
