/** The memory adapter without copies: what it gives back is what was given, as JSON would give it back, and nobody can change it. */
import { expect, test } from 'vitest';
import { createMemoryStore } from '../src/memory/index.ts';
import type { JsonObject } from '../src/port.ts';

async function kept(body: unknown): Promise<JsonObject | undefined> {
  const store = createMemoryStore({ share: true });
  await store.declare([{ name: 'things', indexes: [{ name: 'by_n', fields: ['n'] }] }]);
  const document = { id: 'a', version: 1, wakeAt: null, lane: null, body: body as JsonObject };
  await store.save('things', [{ expectedVersion: 0, document }]);
  const [loaded] = await store.load('things', ['a']);
  return loaded?.body;
}

test('what is plain JSON is shared and frozen, down to the last part', async () => {
  const body = { n: 1, list: [{ deep: 'text' }], nothing: null };
  const loaded = await kept(body);
  expect(loaded).toBe(body);
  expect(() => {
    (body.list[0] as { deep: string }).deep = 'changed';
  }).toThrow(TypeError);
  expect(() => body.list.push({ deep: 'more' })).toThrow(TypeError);
});

class Point {
  x = 1;
}

test.each([
  ['a field that is undefined', { n: 1, gone: undefined }],
  ['a number that JSON does not have', { n: Number.NaN }],
  ['minus zero', { list: [-0] }],
  ['an object of a class', { at: new Point() }],
  ['a date', { when: new Date(0) }],
])('%s is copied as JSON has it', async (_, body) => {
  expect(await kept(body)).toStrictEqual(JSON.parse(JSON.stringify(body)));
});

test.each([[null], [[]], ['text']])('%j is no document', async (body) => {
  await expect(kept(body)).rejects.toMatchObject({ code: 'STORE_DOCUMENT_INVALID' });
});

test('an index that is declared later finds what is shared', async () => {
  const store = createMemoryStore({ share: true });
  await store.declare([{ name: 'things', indexes: [] }]);
  const document = { id: 'a', version: 1, wakeAt: null, lane: null, body: { n: 7 } };
  await store.save('things', [{ expectedVersion: 0, document }]);
  await store.declare([{ name: 'things', indexes: [{ name: 'by_n', fields: ['n'] }] }]);
  expect((await store.query('things', { index: 'by_n', equals: [7] })).documents).toEqual([document]);
});
