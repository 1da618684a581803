/** What notification says: who was told what. */
import { type Static, Type } from 'typebox';
import { Id, Label, maybe, Shape, Text, Time, Uuid } from './schema.ts';

export const NotificationEvents = {
  'notification.created': Shape(
    {
      notificationId: Uuid('The notification'),
      to: Id('Person: agent id, or `role:team-leader`'),
      agentId: Id('Whom it is about'),
      template: Id('Which text'),
      caseId: maybe(Uuid('The case, if any')),
      at: Time('When'),
      texts: Type.Array(Shape({ language: Label('en or zh'), title: Label('Title'), body: Text('Text') }), {
        maxItems: 5,
      }),
    },
    'A person was told something',
  ),
  'notification.read': Shape(
    { notificationId: Uuid('The notification'), to: Id('Person'), at: Time('When') },
    'It was read',
  ),
} as const;
export type NotificationEventType = keyof typeof NotificationEvents;
export type NotificationEventData<T extends NotificationEventType> = Static<(typeof NotificationEvents)[T]>;
