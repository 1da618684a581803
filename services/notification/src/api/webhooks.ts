/** Webhooks over HTTP: who is sent what, where to, and how it goes. */
import { randomBytes } from 'node:crypto';
import { documentIdOf, Problem, sha256, Uuid } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, notFound } from '@coachloop/service-kit';
import { Type } from 'typebox';
import { urlFaultOf } from '../delivery/address.ts';
import { commandOf } from '../delivery/deliveries.ts';
import {
  type DeletedWebhook,
  WEBHOOK_BOUNDS,
  type Webhook,
  type WebhookCommand,
  type WebhookReply,
  type WebhookState,
} from '../domain/webhook.ts';
import { checkPatterns, PATTERN, selectionOf } from '../feed/patterns.ts';
import { positionsFrom } from './events.ts';
import { problem, run } from './problem.ts';
import { viewsOf, WebhookView } from './webhook-view.ts';

export interface WebhookPorts {
  readonly service: ServiceContext;
  readonly allowPrivate: boolean;
  /** Deliveries should look at once. */
  readonly changed: () => void;
}

const Params = Type.Object({ id: Uuid('The webhook') });
const Keyed = Type.Object({
  'idempotency-key': Type.String({ minLength: 1, maxLength: 200, description: 'Makes repeating the request harmless' }),
});
const Url = Type.String({ minLength: 1, maxLength: 2_000, description: 'http or https; redirects are not followed' });
const Description = Type.String({ maxLength: 200 });
const Secret = Type.Optional(
  Type.String({
    description: 'whsec_…, shown this once. Absent: the same request came before; rotate the secret if it was lost',
  }),
);
const WithSecret = Type.Object({ ...WebhookView.properties, secret: Secret });

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const hashOf = (request: unknown) => sha256(JSON.stringify(request)).slice(0, 32);
const tags = ['webhooks'];

export function webhookRoutes(app: App, { service, allowPrivate, changed }: WebhookPorts): void {
  const one = async (id: string): Promise<Webhook> => {
    const [found] = await service.load<WebhookState>('webhooks', [id]);
    const state = found?.state;
    if (!state || state.status === 'none' || state.status === 'deleted') throw notFound('webhook', id);
    return state;
  };
  const shown = async (id: string) => (await viewsOf(service, [await one(id)]))[0] as WebhookView; // one in, one out
  const tell = async (id: string, command: WebhookCommand) => {
    const { fresh } = await run<WebhookReply>(service, commandOf(id, command));
    changed();
    return fresh;
  };
  const checkUrl = (url: string) => {
    const fault = urlFaultOf(url, allowPrivate);
    if (fault) throw problem('WEBHOOK_URL_NOT_ALLOWED', fault, { pointer: '/url' });
  };
  const startOf = async (types: readonly string[], from: string): Promise<Webhook['start']> => {
    if (from === 'start') return 'start';
    const places = await positionsFrom(service, selectionOf(types).topics, from);
    return places.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  };

  app.post(
    '/notification/v1/webhooks',
    {
      schema: {
        tags,
        summary: 'Subscribe: events are POSTed to an address, signed by Standard Webhooks',
        description:
          'One event per request, as a structured CloudEvent; `webhook-id` is the event id, and the idempotency key of the receiver. The answer holds the secret once. Repeated under its key it answers 200 without a secret, and 410 when the webhook has been deleted since.',
        headers: Keyed,
        body: Type.Object({
          url: Url,
          types: Type.Array(Type.String({ pattern: PATTERN, maxLength: 100 }), { minItems: 1, maxItems: 50 }),
          from: Type.Optional(
            Type.Enum(['start', 'now'], { description: 'start: the whole history first; default now' }),
          ),
          description: Type.Optional(Description),
        }),
        response: { 201: WithSecret, 200: WithSecret, '4xx': Problem },
      },
    },
    async ({ body, headers }, reply) => {
      const { url, types, from = 'now', description = '' } = body;
      checkUrl(url);
      checkPatterns(types, '/types');
      const key = headers['idempotency-key'];
      const id = documentIdOf('webhook', key);
      const [known] = await service.load<WebhookState>('webhooks', [id]);
      const count = known ? 0 : await service.count('webhooks', { index: 'by-created' });
      if (count >= WEBHOOK_BOUNDS.webhooks_max) throw problem('WEBHOOKS_TOO_MANY', `There are ${count}.`);
      const secret = newSecret();
      const fresh = await tell(id, {
        type: 'webhook.create',
        key,
        hash: hashOf({ url, types, from, description }),
        url,
        types,
        description,
        secret,
        start: await startOf(types, from),
      });
      return reply.code(fresh ? 201 : 200).send({ ...(await shown(id)), ...(fresh ? { secret } : {}) });
    },
  );

  app.get(
    '/notification/v1/webhooks',
    {
      schema: {
        tags,
        summary: 'All webhooks, newest first',
        querystring: Type.Object({
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: WEBHOOK_BOUNDS.webhooks_max, description: 'Default 50' }),
          ),
          cursor: Type.Optional(Type.String({ maxLength: 2_000 })),
        }),
        response: {
          200: Type.Object({ items: Type.Array(WebhookView), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    async ({ query: { limit = 50, cursor } }) => {
      const { items, next } = await service.query<Webhook | DeletedWebhook>('webhooks', {
        index: 'by-created',
        order: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const alive = items.flatMap(({ state }) => (state.status === 'deleted' ? [] : [state]));
      return { items: [...(await viewsOf(service, alive))], ...(next === undefined ? {} : { next }) };
    },
  );

  app.get(
    '/notification/v1/webhooks/:id',
    {
      schema: {
        tags,
        summary: 'One webhook, and how delivery goes',
        params: Params,
        response: { 200: WebhookView, '4xx': Problem },
      },
    },
    async ({ params }) => shown(params.id),
  );

  app.patch(
    '/notification/v1/webhooks/:id',
    {
      schema: {
        tags,
        summary: 'Pause, resume, or change the address',
        description: 'A paused or disabled webhook keeps its place, and goes on from there when it is resumed.',
        params: Params,
        body: Type.Object(
          {
            status: Type.Optional(Type.Enum(['active', 'paused'])),
            url: Type.Optional(Url),
            description: Type.Optional(Description),
          },
          { minProperties: 1 },
        ),
        response: { 200: WebhookView, '4xx': Problem },
      },
    },
    async ({ params, body: { status, url, description } }) => {
      if (url !== undefined) checkUrl(url);
      await one(params.id);
      await tell(params.id, {
        type: 'webhook.change',
        ...(status === undefined ? {} : { status }),
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
      });
      return shown(params.id);
    },
  );

  app.delete(
    '/notification/v1/webhooks/:id',
    {
      schema: {
        tags,
        summary: 'Unsubscribe, for good',
        params: Params,
        response: { 204: Type.Null(), '4xx': Problem },
      },
    },
    async ({ params }, reply) => {
      await one(params.id);
      await tell(params.id, { type: 'webhook.delete' });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/notification/v1/webhooks/:id/rotate-secret',
    {
      schema: {
        tags,
        summary: 'A new secret; the old one still signs for 24 hours',
        params: Params,
        headers: Keyed,
        response: { 200: WithSecret, '4xx': Problem },
      },
    },
    async ({ params, headers }) => {
      await one(params.id);
      const key = headers['idempotency-key'];
      const secret = newSecret();
      const hash = hashOf('rotate');
      const fresh = await tell(params.id, {
        type: 'webhook.rotate',
        key,
        hash,
        secret,
        wallMs: service.clock.wall(),
      });
      return { ...(await shown(params.id)), ...(fresh ? { secret } : {}) };
    },
  );

  app.post(
    '/notification/v1/webhooks/:id/replay',
    {
      schema: {
        tags,
        summary: 'Send again, from the beginning or from a time',
        description: 'The same ids again: the receiver tells by `webhook-id` what it knows already.',
        params: Params,
        headers: Keyed,
        body: Type.Object({
          from: Type.String({
            minLength: 1,
            maxLength: 40,
            description: 'start, or an RFC 3339 time: published since then',
          }),
        }),
        response: { 202: WebhookView, '4xx': Problem },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { types } = await one(params.id);
      const key = headers['idempotency-key'];
      const start = await startOf(types, body.from);
      await tell(params.id, {
        type: 'webhook.replay',
        key,
        hash: hashOf({ replay: body.from }),
        start,
      });
      return reply.code(202).send(await shown(params.id));
    },
  );
}
