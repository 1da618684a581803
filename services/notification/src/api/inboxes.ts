/** Inboxes of people, and the log of who was told what. */
import { Id, Nullable, Problem, Time, Uuid } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import type { App } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import { INBOX_BOUNDS, type Inbox, type Notification, newInbox, READ_COMMAND } from '../domain/inbox.ts';
import type { LogEntry } from '../domain/log-entry.ts';
import { run } from './problem.ts';

const Texts = Type.Array(Type.Object({ language: Type.Enum(['en', 'zh']), title: Type.String(), body: Type.String() }));
const common = {
  id: Uuid('The notification'),
  at: Time('When the person was told'),
  template: Type.String(),
  agentId: Id('Whom it is about; `unassigned`: no agent'),
  caseId: Type.Optional(Uuid('The case')),
  callId: Type.Optional(Uuid('The call')),
  texts: Texts,
  readAt: Nullable(Time('When it was read; null: not yet')),
} as const;
const NotificationView = Type.Object({ ...common, rule: Type.String({ description: 'Why this person' }) });
const LogView = Type.Object({ ...common, to: Id('Person') });

const Person = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9:._-]{0,199}$',
  description: 'Agent id, or a role, e.g. role:team-leader',
});

const view = ({ n: _n, ...item }: Notification): Static<typeof NotificationView> => ({
  ...item,
  texts: [...item.texts],
});

export function inboxRoutes(app: App, service: ServiceContext): void {
  app.get(
    '/notification/v1/inboxes/:person',
    {
      schema: {
        tags: ['notifications'],
        summary: 'What a person was told, newest first',
        description: `The last ${INBOX_BOUNDS.items_max} are kept, unread ones longest; the log has all of them. A person nobody ever told anything has an empty inbox.`,
        params: Type.Object({ person: Person }),
        querystring: Type.Object({
          unread: Type.Optional(Type.Boolean({ description: 'true: only unread ones; false: only read ones' })),
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: INBOX_BOUNDS.items_max, description: 'Default 50' }),
          ),
          cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: '`next` of the page before' })),
        }),
        response: {
          200: Type.Object({
            person: Type.String(),
            unread: Type.Integer(),
            total: Type.Integer({ description: 'How many there ever were' }),
            items: Type.Array(NotificationView),
            next: Type.Optional(Type.String()),
          }),
          '4xx': Problem,
        },
      },
    },
    async ({ params: { person }, query: { unread, limit = 50, cursor } }) => {
      const [found] = await service.load<Inbox>('inboxes', [person]);
      const { items, unread: count, total } = found?.state ?? newInbox(person);
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
      const fitting = items
        .filter(({ n, readAt }) => n < before && (unread === undefined || (readAt === null) === unread))
        .toReversed();
      const page = fitting.slice(0, limit);
      const last = fitting.length > limit ? page.at(-1) : undefined;
      return { person, unread: count, total, items: page.map(view), ...(last ? { next: String(last.n) } : {}) };
    },
  );

  app.post(
    '/notification/v1/inboxes/:person/notifications/:id/read',
    {
      schema: {
        tags: ['notifications'],
        summary: 'It was read',
        description: 'Repeating it changes nothing, and needs no Idempotency-Key.',
        params: Type.Object({ person: Person, id: Uuid('The notification') }),
        response: { 200: NotificationView, '4xx': Problem },
      },
    },
    async ({ params: { person, id } }) => {
      const target = { collection: 'inboxes', id: person };
      const reply = await run<Notification>(service, {
        target,
        type: READ_COMMAND,
        data: id,
        key: `read/${id}`,
        laneKey: person,
      });
      return view(reply);
    },
  );

  app.get(
    '/notification/v1/log',
    {
      schema: {
        tags: ['notifications'],
        summary: 'Who was told what, newest first',
        querystring: Type.Object({
          person: Type.Optional(Person),
          agentId: Type.Optional(Id('Whom it is about; with person: a page may hold fewer than limit')),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 50' })),
          cursor: Type.Optional(Type.String({ maxLength: 2_000 })),
        }),
        response: {
          200: Type.Object({ items: Type.Array(LogView), next: Type.Optional(Type.String()) }),
          '4xx': Problem,
        },
      },
    },
    async ({ query: { person, agentId, limit = 50, cursor } }) => {
      const chosen =
        person !== undefined
          ? { index: 'by-person', equals: [person] }
          : agentId !== undefined
            ? { index: 'by-agent', equals: [agentId] }
            : { index: 'by-at' };
      const { items, next } = await service.query<LogEntry>('notifications', {
        ...chosen,
        order: 'desc',
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const entries = items.flatMap(({ state }) => {
        if (state.at === null) return [];
        const { notificationId, ...entry } = state;
        const fits = agentId === undefined || entry.agentId === agentId;
        return fits ? [{ id: notificationId, ...entry } as Static<typeof LogView>] : [];
      });
      return { items: entries, ...(next === undefined ? {} : { next }) };
    },
  );
}
