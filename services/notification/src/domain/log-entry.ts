/** The aggregate `notifications` (id = notification): the log of who was told what, one small document each, for queries. */
import type { Decision, Message, NotificationEventData } from '@coachloop/contracts';

export type LogEntry =
  | { readonly at: null }
  | (NotificationEventData<'notification.created'> & { readonly readAt: string | null });

export const newEntry = (): LogEntry => ({ at: null });

export function handleEntry(state: LogEntry, message: Message): Decision<LogEntry> {
  const keep = (next: LogEntry): Decision<LogEntry> => ({ state: next, events: [], wakeAt: null });
  if (message.type === 'notification.created')
    return keep({ ...state, ...(message.data as NotificationEventData<'notification.created'>), readAt: null });
  // Both are of one stream, so what was read was created.
  if (message.type === 'notification.read' && state.at !== null)
    return keep({ ...state, readAt: (message.data as NotificationEventData<'notification.read'>).at });
  return keep(state);
}
