/** People, on the real kernel: from an event to an inbox, read once, and in the log. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Inbox } from '../src/domain/inbox.ts';
import {
  type Adapters,
  AGENT,
  eventOf,
  example,
  memoryAdapters,
  publish,
  type Running,
  startPlatform,
} from './given.ts';

let adapters: Adapters;
let running: Running;
beforeEach(async () => {
  adapters = await memoryAdapters();
  running = await startPlatform(adapters);
});
afterEach(async () => {
  await running.platform.stop();
  await adapters.close();
});

type View = Omit<Inbox, 'items'> & { items: { id: string; template: string; readAt: string | null }[]; next?: string };
const inbox = async (person: string, query = ''): Promise<View> =>
  (await running.get(`/notification/v1/inboxes/${person}${query}`)).body;
const training = (type: string, more: object = {}) =>
  eventOf('training-events', type, example('training-events', type, more));
const said = async (type: string) =>
  ((await running.get(`/events/v1?types=${type}`)).body as { items: { data: { notificationId: string } }[] }).items;

test('a case is followed by those whom the rules name, each told once, also when the record comes again', async () => {
  const events = [
    'training.case.opened',
    'training.assigned',
    'training.overdue',
    'training.reminded',
    'training.escalated',
  ].map((type) => training(type));
  const ordered = events.map((one, i) => ({ ...one, event: { ...one.event, stream: 'case', seq: i + 1, born: 1 } }));
  await publish(adapters.log, ordered);
  await publish(adapters.log, ordered);
  await publish(adapters.log, [training('training.case.closed', { outcome: 'improved' })]);
  await vi.waitFor(async () => expect((await inbox('role:team-leader')).total).toBe(4));
  expect((await inbox('role:team-leader')).items.map(({ template }) => template).toSorted()).toEqual([
    'case-escalated',
    'case-improved',
    'case-opened',
    'training-overdue-leader',
  ]);
  await vi.waitFor(async () =>
    expect((await inbox(AGENT)).items.map(({ template }) => template)).toEqual([
      'training-reminder',
      'training-overdue',
      'training-assigned',
    ]),
  );
  await vi.waitFor(async () => expect(await said('notification.created')).toHaveLength(7));
});

test('old calls tell nobody, unless the import asks for cases; calls of nobody neither', async () => {
  const call = (more: object) =>
    eventOf('qa-events', 'qa.evaluation.completed', example('qa-events', 'qa.evaluation.completed', more));
  const old = new Date(Date.now() - 30 * 86_400_000).toISOString();
  const recent = new Date(Date.now() - 3_600_000).toISOString();
  await publish(adapters.log, [
    call({ callEndedAt: old, openCases: false }),
    call({ callEndedAt: recent, agentId: 'unassigned' }),
    call({ callEndedAt: recent, autoFailedBy: [] }),
    call({ callEndedAt: old, openCases: true }),
    call({ callEndedAt: recent, openCases: false }),
  ]);
  await vi.waitFor(async () => expect((await inbox(AGENT)).total).toBe(2));
  await vi.waitFor(async () => expect(running.platform.running.get('notification')?.status.stalledMs).toBe(0));
  expect(await adapters.store.count('inboxes')).toBe(1);
});

test('read once; pages and the unread filter; the log keeps who read what', async () => {
  await publish(
    adapters.log,
    Array.from({ length: 5 }, (_, i) => training('training.assigned', { attempt: i + 1 })),
  );
  await vi.waitFor(async () => expect((await inbox(AGENT)).unread).toBe(5));
  const first = await inbox(AGENT, '?limit=3');
  expect(first.items).toHaveLength(3);
  expect((await inbox(AGENT, `?limit=3&cursor=${first.next}`)).items).toHaveLength(2);
  const id = first.items[0]?.id ?? '';
  const read = await running.send('POST', `/notification/v1/inboxes/${AGENT}/notifications/${id}/read`);
  expect(read).toMatchObject({ status: 200, body: { id } });
  expect(await running.send('POST', `/notification/v1/inboxes/${AGENT}/notifications/${id}/read`)).toEqual(read);
  expect((await inbox(AGENT, '?unread=true')).items).toHaveLength(4);
  expect((await inbox(AGENT, '?unread=false')).items).toMatchObject([{ id }]);
  await vi.waitFor(async () =>
    expect(await said('notification.read')).toMatchObject([{ data: { notificationId: id, to: AGENT } }]),
  );
  const log = async (query: string) =>
    (await running.get(`/notification/v1/log${query}`)).body as {
      items: { id: string; readAt: string | null }[];
      next?: string;
    };
  await vi.waitFor(async () =>
    expect((await log(`?person=${AGENT}`)).items.find((each) => each.id === id)?.readAt).toBeTypeOf('string'),
  );
  const some = await log('?limit=2');
  expect(some.items).toHaveLength(2);
  expect((await log(`?limit=200&cursor=${encodeURIComponent(some.next ?? '')}`)).items).toHaveLength(3);
  expect((await log(`?agentId=${AGENT}`)).items).toHaveLength(5);
});

test('what is not there: an empty inbox, and problems', async () => {
  expect(await running.get('/notification/v1/inboxes/role:nobody')).toEqual({
    status: 200,
    body: { person: 'role:nobody', unread: 0, total: 0, items: [] },
  });
  const nothing = `/notification/v1/inboxes/${AGENT}/notifications/6f1c3c1e-6f0b-5d0b-9b0e-3c9d5f4b7a01/read`;
  expect(await running.send('POST', nothing)).toMatchObject({ status: 404, body: { code: 'NOTIFICATION_UNKNOWN' } });
  expect((await running.get('/notification/v1/inboxes/a%20b')).status).toBe(400);
  expect((await running.get(`/notification/v1/inboxes/${AGENT}?limit=1000`)).status).toBe(400);
});
