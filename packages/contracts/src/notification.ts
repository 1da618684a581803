/** What notification says: who was told what. */
import { type Static, Type } from 'typebox';
import { Id, Label, maybe, Shape, Text, Time, Uuid } from './schema.ts';

export const NotificationEvents = {
  'notification.created': Shape(
    {
      notificationId: Uuid('The notification'),
      to: Id('Person: agent id, or a role, e.g. `role:team-leader`'),
      agentId: Id('Whom it is about; `unassigned`: no agent'),
      template: Id('Which text'),
      caseId: maybe(Uuid('The case, if any')),
      callId: maybe(Uuid('The call, if it is about one')),
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
  'notification.webhook.disabled': Shape(
    {
      webhookId: Uuid('The subscription'),
      host: Label('Host of its address; the rest of a URL may be a secret'),
      description: Label('As its owner described it'),
      reason: Label('gone (410) or failing'),
      failingSince: maybe(Time('First of the failures in a row')),
      at: Time('When'),
    },
    'A webhook is no longer delivered to until somebody resumes it',
  ),
} as const;
export type NotificationEventType = keyof typeof NotificationEvents;
export type NotificationEventData<T extends NotificationEventType> = Static<(typeof NotificationEvents)[T]>;
