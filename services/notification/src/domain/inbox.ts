/** The aggregate `inboxes` (id = person): what one person was told, newest last, and what of it was read. */
import {
  type Decision,
  DomainError,
  documentIdOf,
  type Emit,
  type Message,
  type NotificationEventData,
  UNASSIGNED_AGENT,
} from '@coachloop/contracts';
import { fieldOf, type Rule, type Told, toldOf } from './rules.ts';
import { type Templates, type Text, textsOf } from './templates.ts';

export const INBOX_BOUNDS = { items_max: 200 } as const;
export const READ_COMMAND = 'inbox.read';

export interface Notification {
  readonly id: string;
  /** Place in the inbox, from 1; never used twice. */
  readonly n: number;
  /** RFC 3339. */
  readonly at: string;
  readonly rule: string;
  readonly template: string;
  readonly agentId: string;
  readonly caseId?: string;
  readonly callId?: string;
  readonly texts: readonly Text[];
  /** When it was read; null: not yet. */
  readonly readAt: string | null;
}

export interface Inbox {
  readonly person: string;
  /** The last that were kept, by `n`. */
  readonly items: readonly Notification[];
  /** How many there ever were. */
  readonly total: number;
  /** Unread ones among `items`. */
  readonly unread: number;
}

export interface Policy {
  readonly rules: readonly Rule[];
  readonly templates: Templates;
}

export const newInbox = (person: string): Inbox => ({ person, items: [], total: 0, unread: 0 });

const isoOf = (ms: number) => new Date(ms).toISOString();
const nothing = (state: Inbox, reply?: unknown): Decision<Inbox> => ({ state, events: [], wakeAt: null, reply });

/** Read ones make room first, the oldest before the newer; what nobody has read yet stays longest. */
function bounded(items: readonly Notification[]): readonly Notification[] {
  let over = items.length - INBOX_BOUNDS.items_max;
  if (over <= 0) return items;
  const kept = items.filter(({ readAt }) => readAt === null || over-- <= 0);
  return kept.slice(-INBOX_BOUNDS.items_max);
}

const withItems = (state: Inbox, items: readonly Notification[], total: number): Inbox => ({
  ...state,
  items,
  total,
  unread: items.filter(({ readAt }) => readAt === null).length,
});

function about(data: unknown): Pick<Notification, 'agentId' | 'caseId' | 'callId'> {
  const [agentId, caseId, callId] = ['agentId', 'caseId', 'callId'].map((path) => fieldOf(data, path));
  return {
    agentId: typeof agentId === 'string' ? agentId : UNASSIGNED_AGENT,
    ...(typeof caseId === 'string' ? { caseId } : {}),
    ...(typeof callId === 'string' ? { callId } : {}),
  };
}

function tell(
  state: Inbox,
  told: readonly Told[],
  message: Message,
  templates: Templates,
  now: number,
): Decision<Inbox> {
  const at = isoOf(now);
  const added = told.map(
    ({ rule }, i): Notification => ({
      id: documentIdOf('notification', message.id, state.person, rule.id),
      n: state.total + i + 1,
      at,
      rule: rule.id,
      template: rule.template,
      ...about(message.data),
      texts: textsOf(templates, rule.template, message),
      readAt: null,
    }),
  );
  const events = added.map(({ id, n: _n, rule: _rule, readAt: _readAt, texts, ...rest }): Emit => {
    const data: NotificationEventData<'notification.created'> = {
      notificationId: id,
      to: state.person,
      ...rest,
      texts: [...texts],
    };
    return { type: 'notification.created', key: rest.agentId, subject: id, data };
  });
  const next = withItems(state, bounded([...state.items, ...added]), state.total + added.length);
  return { state: next, events, wakeAt: null };
}

/** Reading what was read before changes nothing and says so. @throws DomainError NOTIFICATION_UNKNOWN */
function read(state: Inbox, id: string, now: number): Decision<Inbox> {
  const item = state.items.find((each) => each.id === id);
  if (!item)
    throw new DomainError('NOTIFICATION_UNKNOWN', `${state.person} has no notification ${JSON.stringify(id)}.`, 404);
  if (item.readAt !== null) return nothing(state, item);
  const done = { ...item, readAt: isoOf(now) };
  const data: NotificationEventData<'notification.read'> = { notificationId: id, to: state.person, at: done.readAt };
  const items = state.items.map((each) => (each === item ? done : each));
  return {
    state: withItems(state, items, state.total),
    // The key of `created`, so that the two stay in order.
    events: [{ type: 'notification.read', key: item.agentId, subject: id, data }],
    wakeAt: null,
    reply: done,
  };
}

export const handleInbox =
  ({ rules, templates }: Policy) =>
  (state: Inbox, message: Message, now: number): Decision<Inbox> => {
    if (message.kind === 'command')
      return message.type === READ_COMMAND ? read(state, String(message.data), now) : nothing(state);
    const told = toldOf(rules, message).filter(({ person }) => person === state.person);
    return told.length === 0 ? nothing(state) : tell(state, told, message, templates, now);
  };
