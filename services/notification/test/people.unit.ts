/** Given events, when they are handled, then these people were told these words. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultOf, type Message, schemaOf, TOPIC_OF_TYPE, type TopicName } from '@coachloop/contracts';
import { EXAMPLES } from '@coachloop/contracts/examples';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { handleInbox, INBOX_BOUNDS, type Inbox, newInbox, READ_COMMAND } from '../src/domain/inbox.ts';
import { toldOf } from '../src/domain/rules.ts';
import { textsOf } from '../src/domain/templates.ts';
import { NotificationConfigError, readPolicy } from '../src/index.ts';
import { DEFAULT_RULES_FILE, DEFAULT_TEMPLATES_FILE } from '../src/policy.ts';

const policy = readPolicy();
const handle = handleInbox(policy);
const NOW = Date.parse('2026-05-04T10:00:00Z');

const exampleOf = (type: string): object => {
  const topic = TOPIC_OF_TYPE[type] as TopicName;
  return EXAMPLES[topic][type] as object;
};
const message = (type: string, more: object = {}, id = type): Message => ({
  id,
  kind: 'event',
  type,
  source: 'test',
  time: NOW,
  data: { ...exampleOf(type), ...more },
  origin: null,
});
const readCommand = (id: string): Message => ({
  id: `read/${id}`,
  kind: 'command',
  type: READ_COMMAND,
  source: 'test',
  time: NOW,
  data: id,
  origin: null,
});

describe('rules and templates', () => {
  test.each(policy.rules.map((rule) => [rule.id, rule] as const))(
    '%s: its text says everything, in both languages',
    (_, rule) => {
      const event = { type: rule.on, time: NOW, data: { ...exampleOf(rule.on), ...outcomeFor(rule.id) } };
      expect(toldOf(policy.rules, event).map((told) => told.rule.id)).toContain(rule.id);
      const texts = textsOf(policy.templates, rule.template, event);
      expect(texts.map(({ language }) => language)).toEqual(['en', 'zh']);
      for (const { title, body } of texts) {
        expect(`${title} ${body}`).not.toMatch(/[–{}]|undefined|null|NaN/);
        expect(body.length).toBeGreaterThan(10);
      }
      expect(texts[1]?.body).toMatch(/\p{Script=Han}/u);
    },
  );
  const outcomeFor = (id: string) =>
    ({
      'insufficient-evidence': { outcome: 'insufficient-evidence' },
      withdrawn: { outcome: 'withdrawn' },
      'held-leader': { outcome: 'held' },
      're-evaluation-repeated': { outcome: 'repeated' },
    })[id] ?? {};

  test('days are written by the calendar of UTC in each language, wherever it runs', () => {
    const event = {
      type: 'training.assigned',
      time: NOW,
      data: { ...exampleOf('training.assigned'), dueAt: '2026-05-14T23:59:59Z' },
    };
    const [en, zh] = textsOf(policy.templates, 'training-assigned', event);
    expect(en?.body).toContain('by 14 May 2026');
    expect(zh?.body).toContain('2026年5月14日');
  });

  test('a long name is cut between characters', () => {
    const event = { type: 'training.case.opened', time: NOW, data: { agentName: '😀'.repeat(200), competency: 'x' } };
    for (const { title } of textsOf(policy.templates, 'case-opened', event)) {
      expect(title.length).toBeLessThanOrEqual(200);
      expect(title.isWellFormed()).toBe(true);
    }
  });

  const folder = mkdtempSync(join(tmpdir(), 'coachloop-rules-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const rulesFile = (text: string) => {
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, text);
    return file;
  };
  test.each([
    [
      'an unknown type',
      'version: 1\nrules: [{id: a, on: training.nothing, to: [agent], template: case-opened}]',
      '/rules/0/on',
    ],
    [
      'its own events',
      'version: 1\nrules: [{id: a, on: notification.created, to: [agent], template: case-opened}]',
      '/rules/0/on',
    ],
    [
      'an unknown template',
      'version: 1\nrules: [{id: a, on: training.assigned, to: [agent], template: nothing}]',
      '/rules/0/template',
    ],
    [
      'an unknown person',
      'version: 1\nrules: [{id: a, on: training.assigned, to: [boss], template: case-opened}]',
      '/rules/0/to/0',
    ],
    [
      'one id twice',
      `version: 1\nrules: [${'{id: a, on: training.assigned, to: [agent], template: case-opened},'.repeat(2)}]`,
      '/rules/1/id',
    ],
    ['no YAML', '{', 'rules.yaml'],
  ])('a file with %s stops the start, and says where', (_, text, where) => {
    expect(() => readPolicy(rulesFile(text))).toThrow(NotificationConfigError);
    expect(() => readPolicy(rulesFile(text))).toThrow(where);
  });
  test('so does a variable that does not exist', () => {
    const file = join(folder, 'templates.yaml');
    const text = "{ title: '{agnet}', body: b }";
    writeFileSync(
      file,
      `version: 1\nwords: {competency: {}, reason: {}, outcome: {}}\ntemplates: {t: {en: ${text}, zh: ${text}}}`,
    );
    expect(() => readPolicy(DEFAULT_RULES_FILE, file)).toThrow('/templates/t/en/title: {agnet} is none of');
    expect(readPolicy(DEFAULT_RULES_FILE, DEFAULT_TEMPLATES_FILE)).toEqual(policy);
  });
});

describe('an inbox', () => {
  const agentId = (exampleOf('training.assigned') as { agentId: string }).agentId;
  const given = (count: number, state: Inbox = newInbox(agentId)): Inbox => {
    let next = state;
    for (let i = 0; i < count; i += 1)
      next = handle(next, message('training.assigned', {}, `m${next.total}`), NOW).state;
    return next;
  };

  test('is told what concerns its person, and the world hears of it within the contract', () => {
    const { state, events } = handle(newInbox(agentId), message('training.assigned'), NOW);
    expect(state).toMatchObject({ total: 1, unread: 1, items: [{ rule: 'assigned', readAt: null }] });
    expect(events).toMatchObject([
      { type: 'notification.created', key: agentId, data: { to: agentId, template: 'training-assigned' } },
    ]);
    const schema = schemaOf('notification-events', 'notification.created');
    expect(schema && faultOf(schema, events[0]?.data)).toBeNull();
    expect(handle(newInbox('somebody else'), message('training.assigned'), NOW).events).toEqual([]);
  });

  test('the same message names the same notification; another one another', () => {
    const id = (name: string) =>
      handle(newInbox(agentId), message('training.assigned', {}, name), NOW).state.items[0]?.id;
    expect(id('a')).toBe(id('a'));
    expect(id('a')).not.toBe(id('b'));
  });

  test('reading counts once, keeps the key of the first event, and refuses what is not there', () => {
    const state = given(3);
    const id = state.items[1]?.id ?? '';
    const once = handle(state, readCommand(id), NOW + 5);
    expect(once.state.unread).toBe(2);
    expect(once.events).toMatchObject([{ type: 'notification.read', key: agentId, data: { notificationId: id } }]);
    const twice = handle(once.state, readCommand(id), NOW + 9);
    expect(twice).toMatchObject({ state: once.state, events: [], reply: once.reply });
    expect(() => handle(state, readCommand('nothing'), NOW)).toThrow(
      expect.objectContaining({ code: 'NOTIFICATION_UNKNOWN', status: 404 }),
    );
  });

  test('keeps its bound: read ones go first, the oldest before the newer, then the oldest of all', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(INBOX_BOUNDS.items_max - 1), { maxLength: 60 }),
        fc.integer({ min: 1, max: 90 }),
        (toRead, more) => {
          let state = given(INBOX_BOUNDS.items_max);
          const full = state.items;
          for (const i of toRead) state = handle(state, readCommand(full[i]?.id ?? ''), NOW).state;
          const after = given(more, state);
          expect(after.items).toHaveLength(INBOX_BOUNDS.items_max);
          expect(after.total).toBe(INBOX_BOUNDS.items_max + more);
          expect(after.unread).toBe(after.items.filter(({ readAt }) => readAt === null).length);
          const order = [...toRead].sort((a, b) => a - b);
          const unread = full.map((_, i) => i).filter((i) => !toRead.includes(i));
          const gone = [...order.slice(0, more), ...unread.slice(0, Math.max(0, more - order.length))].map(
            (i) => full[i]?.id,
          );
          expect(
            full
              .filter(({ id }) => !after.items.some((item) => item.id === id))
              .map(({ id }) => id)
              .toSorted(),
          ).toEqual(gone.toSorted());
        },
      ),
      { numRuns: 15 },
    );
  });

  test('fields that a newer release wrote are kept', () => {
    const state = { ...newInbox(agentId), mutedUntil: 'x' };
    expect(handle(state, message('training.assigned'), NOW).state).toMatchObject({ mutedUntil: 'x', total: 1 });
  });
});
