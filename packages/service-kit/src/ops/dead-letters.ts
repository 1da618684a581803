/** Dead letters over HTTP: list, show, replay, discard. Replaying any number of times has the effect of once. */
import { type DeadLetter, Problem } from '@coachloop/contracts';
import { cursorAfter, StoreError } from '@coachloop/document-store';
import {
  DISCARD_COMMAND,
  type Found,
  LETTER_INDEXES,
  type LetterState,
  lettersCollection,
  type Outcome,
  REPLAY_COMMAND,
  type RunningService,
} from '@coachloop/runtime';
import { Type } from 'typebox';
import { HTTP_ERRORS } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { HttpProblem, httpProblem, notFound } from '../problem.ts';
import type { App } from '../service.ts';

const Letter = Type.Object({
  id: Type.String(),
  service: Type.String(),
  status: Type.Enum(['open', 'replayed', 'discarded']),
  code: Type.String({ description: 'Why it was parked, as a stable code' }),
  reason: Type.String(),
  pointer: Type.Optional(Type.String()),
  aggregate: Type.String({ description: 'Which aggregate refused it' }),
  origin: Type.Union([Type.String({ description: 'topic/partition@offset' }), Type.Null()]),
  parkedAt: Type.String(),
  replays: Type.Integer(),
  discardReason: Type.Optional(Type.String()),
  resolvedAt: Type.Optional(
    Type.String({ description: 'When it was replayed or discarded; not known of what an earlier release closed' }),
  ),
  omitted: Type.Optional(
    Type.Object(
      { bytes: Type.Integer(), sha256: Type.String() },
      {
        description:
          'The message was too large to be kept, and cannot be replayed: size and hash of its value at `origin`',
      },
    ),
  ),
});

const Filter = Type.Object({
  id: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'This one, whatever its status, without knowing its service',
    }),
  ),
  service: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Also those of what runs beside it: `live-metrics` finds `live-metrics.g1`',
    }),
  ),
  status: Type.Optional(Type.Enum(['open', 'replayed', 'discarded'])),
  code: Type.Optional(Type.String({ maxLength: 100 })),
  aggregate: Type.Optional(Type.String({ maxLength: 300, description: 'collection/id' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 2_000 })),
});

const Name = Type.Object({ service: Type.String({ maxLength: 100 }), id: Type.String({ maxLength: 100 }) });

export function deadLetterRoutes(app: App, platform: Platform): void {
  app.get(
    '/ops/v1/dead-letters',
    {
      schema: {
        tags: ['operations'],
        summary: 'Parked messages, newest first',
        description:
          'Of all services together, by the time of parking. `next` goes on behind the last one, with the same filters; what is parked meanwhile stands before the first page.',
        querystring: Filter,
        response: {
          200: Type.Object({ items: Type.Array(Letter), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    async ({ query }) => {
      const { service, id, aggregate, ...rest } = query;
      const all = await platform.everyService();
      const services = service === undefined ? [...all.values()] : servicesOf(all, service);
      if (id !== undefined) return { items: await named(services, id) };
      const { letters, next } = await newest(services, rest);
      // A page of which this filter leaves nothing is short, not the last: its reader comes again with `next`.
      const items = letters.filter((letter) => aggregate === undefined || letter.aggregate === aggregate);
      return { items, ...(next === undefined ? {} : { next }) };
    },
  );

  app.get(
    '/ops/v1/dead-letters/:service/:id',
    {
      schema: {
        tags: ['operations'],
        summary: 'One parked message, whole',
        params: Name,
        response: { 200: Type.Object({ ...Letter.properties, record: Type.Unknown() }), '4xx': Problem },
      },
    },
    async ({ params }) => {
      const { service, letter, found } = await letterOf(platform, params);
      return { ...(view(service.name, found) as NonNullable<ReturnType<typeof view>>), record: readable(letter) };
    },
  );

  app.post(
    '/ops/v1/dead-letters/:service/:id/replay',
    {
      schema: {
        tags: ['operations'],
        summary: 'Handle it once more',
        params: Name,
        response: { 202: Type.Object({ replayed: Type.Literal(true) }), '4xx': Problem },
      },
    },
    async ({ params }, reply) => {
      const { service, found } = await letterOf(platform, params);
      const target = { collection: lettersCollection(service.name), id: found.id };
      refuse(
        await service.dispatch([
          { target, type: REPLAY_COMMAND, data: null, key: `replay/${found.version}`, laneKey: found.id },
        ]),
      );
      return reply.code(202).send({ replayed: true as const });
    },
  );

  app.post(
    '/ops/v1/dead-letters/:service/:id/discard',
    {
      schema: {
        tags: ['operations'],
        summary: 'Give it up, with a reason',
        params: Name,
        body: Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) }),
        response: { 202: Type.Object({ discarded: Type.Literal(true) }), '4xx': Problem },
      },
    },
    async ({ params, body }, reply) => {
      const { service, letter } = await letterOf(platform, params);
      const { collection, aggregate, stream, seq } = letter;
      const data = { stream, seq, reason: body.reason };
      refuse(
        await service.dispatch([
          {
            target: { collection, id: aggregate },
            type: DISCARD_COMMAND,
            data,
            key: `discard/${stream}/${seq}`,
            laneKey: aggregate,
          },
        ]),
      );
      return reply.code(202).send({ discarded: true as const });
    },
  );
}

function serviceOf(all: ReadonlyMap<string, RunningService>, name: string): RunningService {
  const service = all.get(name);
  if (!service) throw notFound('service', name);
  return service;
}

/** A service with what runs beside it and is called after it: `live-metrics` is also `live-metrics.g1`. */
function servicesOf(all: ReadonlyMap<string, RunningService>, name: string): readonly RunningService[] {
  const found = [...all.values()].filter((service) => service.name === name || service.name.startsWith(`${name}.`));
  if (found.length === 0)
    throw httpProblem(
      'NOT_FOUND',
      `No service is called ${JSON.stringify(name)}; there are ${[...all.keys()].join(', ')}.`,
    );
  return found;
}

interface Wanted {
  readonly status?: LetterState['status'];
  readonly code?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/**
 * A page over the collections of all these services. One is read after the other, and only the newest of what was read are kept,
 * without their messages: so many letters from each would be too much memory.
 */
async function newest(services: readonly RunningService[], { status = 'open', code, limit = 50, cursor }: Wanted) {
  const index = code === undefined ? LETTER_INDEXES.byStatus : LETTER_INDEXES.byCode;
  const equals = code === undefined ? [status] : [status, code];
  let places: readonly Place[] = [];
  for (const service of services) {
    const from = places[limit]?.parkedAt; // what is older is on a later page
    const query = { index: index.name, equals, order: 'desc', limit: limit + 1 } as const;
    const { items } = await service
      .query<LetterState>(lettersCollection(service.name), {
        ...query,
        ...(from === undefined ? {} : { range: { from } }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      .catch(refuseCursor);
    const found = items.map((each) => placeOf(service.name, each));
    places = [...places, ...found].sort(newestFirst).slice(0, limit + 1);
  }
  const page = places.slice(0, limit);
  const letters = page.flatMap(({ letter }) => letter ?? []);
  const last = page.at(-1);
  if (last === undefined || places.length <= limit) return { letters };
  const { id, parkedAt } = last;
  const state = { status, parkedAt, ...(code === undefined ? {} : { code }) };
  return { letters, next: cursorAfter(index, id, { state }) };
}

interface Place {
  readonly parkedAt: string;
  readonly id: string;
  /** Null: its end is known, it itself is not yet. */
  readonly letter: ReturnType<typeof view>;
}

const placeOf = (service: string, found: Found<LetterState>): Place => ({
  parkedAt: found.state.parkedAt,
  id: found.id,
  letter: view(service, found),
});

/** The order of the index, over all collections: no two letters have the same id. */
const newestFirst = (a: Place, b: Place): number =>
  a.parkedAt === b.parkedAt ? (a.id < b.id ? 1 : -1) : a.parkedAt < b.parkedAt ? 1 : -1;

function refuseCursor(error: unknown): never {
  if (!(error instanceof StoreError && error.code === 'STORE_CURSOR_INVALID')) throw error;
  const { whatToDo } = HTTP_ERRORS.CURSOR_INVALID;
  throw httpProblem('CURSOR_INVALID', whatToDo, { pointer: '/cursor' });
}

async function letterOf(platform: Platform, { service: name, id }: { service: string; id: string }) {
  const service = serviceOf(await platform.everyService(), name);
  const [found] = await service.load<LetterState>(lettersCollection(name), [id]);
  if (!found?.state.letter) throw notFound('dead letter', id);
  return { service, found, letter: found.state.letter };
}

async function named(services: readonly RunningService[], id: string) {
  const found = await Promise.all(
    services.map(async (service) => {
      const [letter] = await service.load<LetterState>(lettersCollection(service.name), [id]);
      return letter ? (view(service.name, letter) ?? []) : [];
    }),
  );
  return found.flat();
}

function view(service: string, { id, state }: Found<LetterState>) {
  const { letter } = state;
  if (letter === null) return null;
  return {
    id,
    service,
    status: state.status,
    code: letter.reason.code,
    reason: letter.reason.message,
    ...(letter.reason.pointer === undefined ? {} : { pointer: letter.reason.pointer }),
    aggregate: `${letter.collection}/${letter.aggregate}`,
    origin: letter.origin && `${letter.origin.topic}/${letter.origin.partition}@${letter.origin.offset}`,
    parkedAt: letter.parkedAt,
    replays: state.replays,
    ...(state.resolvedReason === undefined ? {} : { discardReason: state.resolvedReason }),
    ...(state.resolvedAt === undefined ? {} : { resolvedAt: state.resolvedAt }),
    ...(letter.record.omitted === undefined ? {} : { omitted: letter.record.omitted }),
  };
}

/** Headers and value as text where they are text; what is not UTF-8 stays base64. */
function readable({ record }: DeadLetter) {
  const text = (base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    const decoded = bytes.toString('utf8');
    return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : { base64 };
  };
  return {
    key: record.key,
    headers: Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, text(value)])),
    value: record.value === null ? null : text(record.value),
  };
}

function refuse([outcome]: readonly Outcome[]): void {
  if (outcome?.status === 'rejected') throw outcome.error;
  if (outcome?.status === 'conflict')
    throw new HttpProblem(
      422,
      'IDEMPOTENCY_KEY_REUSED',
      'The key was used for something else',
      'It was discarded before with another reason.',
    );
}
