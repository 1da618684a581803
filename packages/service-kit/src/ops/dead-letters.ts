/** Dead letters over HTTP: list, show, replay, discard. Replaying any number of times has the effect of once. */
import { type DeadLetter, Problem } from '@coachloop/contracts';
import {
  DISCARD_COMMAND,
  type Found,
  type LetterState,
  lettersCollection,
  type Outcome,
  REPLAY_COMMAND,
  type RunningService,
} from '@coachloop/runtime';
import { Type } from 'typebox';
import type { Platform } from '../platform.ts';
import { HttpProblem, notFound } from '../problem.ts';
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
  service: Type.Optional(Type.String({ maxLength: 100 })),
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
        querystring: Filter,
        response: {
          200: Type.Object({ items: Type.Array(Letter), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    async ({ query }) => {
      const { service: name, status = 'open', code, aggregate, limit = 50 } = query;
      const all = await platform.everyService();
      const services = name === undefined ? [...all.values()] : [serviceOf(all, name)];
      if (query.id !== undefined) return { items: await named(services, query.id) };
      // One service after the other: the cursor says which one, and where in it.
      const [at, inner] = splitCursor(query.cursor);
      for (let i = at; i < services.length; i += 1) {
        const service = services[i] as RunningService;
        const cursor = i === at ? inner : undefined;
        const page = await service.query<LetterState>(lettersCollection(service.name), {
          index: code === undefined ? 'by-status' : 'by-code',
          equals: code === undefined ? [status] : [status, code],
          order: 'desc',
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const items = page.items
          .flatMap((found) => view(service.name, found) ?? [])
          .filter((letter) => aggregate === undefined || letter.aggregate === aggregate);
        const next =
          page.next === undefined ? (i + 1 < services.length ? `${i + 1}.` : undefined) : `${i}.${page.next}`;
        // A page of which the filter left nothing is short, not the last: its reader comes again with `next`.
        if (items.length > 0 || page.next !== undefined || next === undefined)
          return { items, ...(next === undefined ? {} : { next }) };
      }
      return { items: [] };
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

function splitCursor(cursor: string | undefined): readonly [number, string | undefined] {
  const match = /^(\d{1,3})\.(.*)$/.exec(cursor ?? '0.');
  if (!match)
    throw new HttpProblem(
      400,
      'CURSOR_INVALID',
      'This cursor is not one of ours',
      'Use `next` of the page before, as it is.',
      { pointer: '/cursor' },
    );
  return [Number(match[1]), match[2] === '' ? undefined : match[2]];
}
