/** The aggregate `webhooks`: what somebody wants to be sent, where to, and signed with which secrets. */
import { type Decision, DomainError, type Emit, type Message, type NotificationEventData } from '@coachloop/contracts';

export const WEBHOOK_BOUNDS = {
  webhooks_max: 100,
  secrets_max: 4,
  requests_max: 32,
  retired_max: 64,
  /** How long a secret that was replaced still signs. */
  rotation_ms: 24 * 3_600_000,
} as const;

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Secret {
  readonly secret: string;
  readonly untilMs: number | null;
}

export interface Webhook {
  readonly webhookId: string;
  readonly status: 'active' | 'paused' | 'disabled';
  readonly disabled: { readonly reason: string; readonly at: string } | null;
  readonly url: string;
  readonly types: readonly string[];
  readonly description: string;
  readonly createdAt: string;
  /** Newest first. `untilMs` (wall clock): when it stops signing; null: not yet replaced. Never shown, never logged. */
  readonly secrets: readonly Secret[];
  /** Which consumer group delivers; each replay begins another. */
  readonly generation: number;
  /** Where that group begins. */
  readonly start: 'start' | readonly Place[];
  /** Generations whose group has still to be removed from the log. */
  readonly retired: readonly number[];
  /** Rises when an operator did something about failures, so that they are counted anew. */
  readonly epoch: number;
  /** Of the request that made it. Its key is the one that the id is made from. */
  readonly createHash: string;
  /** What else was asked under which key; beside the kernel's keys, because what was drawn (secret, place) differs each time. */
  readonly requests: readonly { readonly key: string; readonly hash: string }[];
}

/** Kept for good, so that a late repetition of the request that made it does not make it again. */
export interface DeletedWebhook {
  readonly webhookId: string;
  readonly status: 'deleted';
  readonly createHash: string;
  /** Deliveries find it by this while there is something to clear away; then it goes. */
  readonly createdAt?: string;
  readonly retired: readonly number[];
}

export type WebhookState = { readonly webhookId: string; readonly status: 'none' } | Webhook | DeletedWebhook;

interface Request {
  readonly key: string;
  readonly hash: string;
}
export type WebhookCommand =
  | ({ readonly type: 'webhook.create'; readonly secret: string } & Request &
      Pick<Webhook, 'url' | 'types' | 'description' | 'start'>)
  | ({ readonly type: 'webhook.rotate'; readonly secret: string; readonly wallMs: number } & Request)
  | ({ readonly type: 'webhook.replay'; readonly start: Webhook['start'] } & Request)
  | {
      readonly type: 'webhook.change';
      readonly url?: string;
      readonly description?: string;
      readonly status?: 'active' | 'paused';
    }
  | {
      readonly type: 'webhook.disable';
      readonly epoch: number;
      readonly reason: string;
      readonly failingSince?: string;
    }
  | { readonly type: 'webhook.delete' }
  /** Secrets that sign no more are forgotten. */
  | { readonly type: 'webhook.expired'; readonly wallMs: number }
  /** The groups of these generations are gone. */
  | { readonly type: 'webhook.tidied'; readonly generations: readonly number[] };

/** Not the webhook: the kernel keeps replies, and its secrets would outlive it there. */
export interface WebhookReply {
  /** False: the same request came before. */
  readonly fresh: boolean;
}

export const newWebhook = (webhookId: string): WebhookState => ({ webhookId, status: 'none' });

const done = (state: WebhookState, fresh = true, events: readonly Emit[] = []): Decision<WebhookState> => ({
  state,
  events,
  wakeAt: null,
  reply: { fresh } satisfies WebhookReply,
});

/** Whether it signs at this time of the wall clock. */
export const signsAt =
  (wallMs: number) =>
  ({ untilMs }: Secret): boolean =>
    untilMs === null || untilMs > wallMs;

function checkSame(known: string, { key, hash }: Request): void {
  if (known !== hash)
    throw new DomainError('IDEMPOTENCY_KEY_REUSED', `The key ${JSON.stringify(key)} came with another request.`, 422);
}

/** The key of a request answers a second one like it, and refuses another one under it. */
function repeated(state: Webhook, request: Request): boolean {
  const known = state.requests.find(({ key }) => key === request.key);
  if (known) checkSame(known.hash, request);
  return known !== undefined;
}
const noted = (state: Webhook, { key, hash }: Request) =>
  [{ key, hash }, ...state.requests].slice(0, WEBHOOK_BOUNDS.requests_max);

function create(state: WebhookState, command: WebhookCommand & { type: 'webhook.create' }, now: number) {
  const { url, types, description, start, secret, hash } = command;
  if (state.status !== 'none') {
    checkSame(state.createHash, command);
    if (state.status !== 'deleted') return done(state, false);
    const { webhookId } = state;
    throw new DomainError('WEBHOOK_DELETED', `This request made the webhook ${webhookId}, which was deleted.`, 410);
  }
  return done({
    ...state,
    status: 'active',
    disabled: null,
    url,
    types,
    description,
    createdAt: new Date(now).toISOString(),
    secrets: [{ secret, untilMs: null }],
    generation: 1,
    start,
    retired: [],
    epoch: 1,
    createHash: hash,
    requests: [],
  });
}

function rotate(state: Webhook, command: WebhookCommand & { type: 'webhook.rotate' }) {
  if (repeated(state, command)) return done(state, false);
  const { secret, wallMs } = command;
  const old = state.secrets
    .filter(signsAt(wallMs))
    .map((each) => ({ ...each, untilMs: each.untilMs ?? wallMs + WEBHOOK_BOUNDS.rotation_ms }));
  const secrets = [{ secret, untilMs: null }, ...old].slice(0, WEBHOOK_BOUNDS.secrets_max);
  return done({ ...state, secrets, requests: noted(state, command) });
}

function replay(state: Webhook, command: WebhookCommand & { type: 'webhook.replay' }) {
  if (repeated(state, command)) return done(state, false);
  if (state.retired.length >= WEBHOOK_BOUNDS.retired_max)
    throw new DomainError(
      'WEBHOOK_BUSY',
      'Earlier replays have not been cleared away yet; try again in a minute.',
      409,
    );
  return done({
    ...state,
    generation: state.generation + 1,
    start: command.start,
    retired: [...state.retired, state.generation],
    epoch: state.epoch + 1,
    requests: noted(state, command),
  });
}

function change(state: Webhook, { url, description, status }: WebhookCommand & { type: 'webhook.change' }) {
  const anew = (url !== undefined && url !== state.url) || (status === 'active' && state.status !== 'active');
  return done({
    ...state,
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(status === undefined ? {} : { status, disabled: null }),
    epoch: anew ? state.epoch + 1 : state.epoch,
  });
}

/** Decided by a delivery of an earlier epoch, it is out of date: somebody has acted since. */
function disable(state: Webhook, command: WebhookCommand & { type: 'webhook.disable' }, now: number) {
  const { epoch, reason, failingSince } = command;
  if (state.status !== 'active' || state.epoch !== epoch) return done(state, false);
  const at = new Date(now).toISOString();
  const data: NotificationEventData<'notification.webhook.disabled'> = {
    webhookId: state.webhookId,
    host: new URL(state.url).host.slice(0, 200),
    description: state.description,
    reason,
    ...(failingSince === undefined ? {} : { failingSince }),
    at,
  };
  const event: Emit = { type: 'notification.webhook.disabled', key: state.webhookId, subject: state.webhookId, data };
  return done({ ...state, status: 'disabled', disabled: { reason, at } }, true, [event]);
}

/** Groups first: a crash in between leaves nothing behind in the log. */
function tidied(
  state: Webhook | DeletedWebhook,
  { generations }: WebhookCommand & { type: 'webhook.tidied' },
): Decision<WebhookState> {
  const retired = state.retired.filter((each) => !generations.includes(each));
  if (state.status !== 'deleted' || retired.length > 0) return done({ ...state, retired });
  const { createdAt: _, ...rest } = state;
  return done({ ...rest, retired });
}

const deleted = ({ webhookId, createHash, createdAt, retired, generation }: Webhook): DeletedWebhook => ({
  webhookId,
  status: 'deleted',
  createHash,
  createdAt,
  retired: [...new Set([...retired, generation])],
});

export function handleWebhook(state: WebhookState, message: Message, now: number): Decision<WebhookState> {
  const command = message.data as WebhookCommand; // built by our own routes and deliveries
  if (command.type === 'webhook.create') return create(state, command, now);
  if (state.status === 'none') throw new DomainError('WEBHOOK_UNKNOWN', `There is no webhook ${state.webhookId}.`, 404);
  if (command.type === 'webhook.tidied') return tidied(state, command);
  if (state.status === 'deleted')
    throw new DomainError('WEBHOOK_UNKNOWN', `The webhook ${state.webhookId} was deleted.`, 404);
  switch (command.type) {
    case 'webhook.rotate':
      return rotate(state, command);
    case 'webhook.replay':
      return replay(state, command);
    case 'webhook.change':
      return change(state, command);
    case 'webhook.disable':
      return disable(state, command, now);
    case 'webhook.expired':
      return done({ ...state, secrets: state.secrets.filter(signsAt(command.wallMs)) });
    case 'webhook.delete':
      return done(deleted(state));
  }
}
