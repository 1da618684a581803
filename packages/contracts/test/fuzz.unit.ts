import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CONTRACT_ERRORS,
  EVENT_BOUNDS,
  fromHeaders,
  isDeeperThan,
  type Parsed,
  parseHttpEvents,
} from '../src/index.ts';

/** Texts with everything that JSON and headers have trouble with. */
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '1.0', '\ud800', '\0', '%', '%C0%A0', '"', '__proto__', 'constructor', '2026-02-30T00:00:00Z'),
);
const value = fc.oneof(odd, fc.jsonValue(), fc.constantFrom(null, 1e308, -0, 1.5, [], {}));
const attribute = fc.oneof(
  fc.constantFrom('specversion', 'id', 'source', 'type', 'time', 'data', 'data_base64', 'datacontenttype', '__proto__'),
  odd,
);
const eventLike = fc
  .array(fc.tuple(attribute, value))
  .map((entries) => ({ specversion: '1.0', id: '1', source: 's', type: 't', ...Object.fromEntries(entries) }));
const contentType = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'text/xml',
    ';',
    '',
  ),
  odd,
);
const body = fc.oneof(
  fc.uint8Array(),
  odd,
  fc.oneof(eventLike, fc.array(eventLike, { maxLength: 3 }), value).map((json) => JSON.stringify(json)),
  fc.constantFrom('1e400', '{"a":-1e999}', '"\\ud800"', '['.repeat(70), '{"a":'.repeat(70)),
);

/** What came through can be written and read again as it is: UTF-8, finite, bounded. */
function expectSound(parsed: Parsed): void {
  if ('fault' in parsed) {
    expect(Object.keys(CONTRACT_ERRORS)).toContain(parsed.fault.code);
    expect(parsed.fault.pointer).toMatch(/^(\/.*)?$/s);
    expect(parsed.fault.message).not.toBe('');
    return;
  }
  const text = JSON.stringify(parsed.event);
  expect(JSON.parse(Buffer.from(text).toString())).toEqual(JSON.parse(text));
  expect(text).not.toMatch(/\\ud[89a-f]/);
  expect(isDeeperThan(text, EVENT_BOUNDS.depth_max)).toBe(false);
}

test('no HTTP request makes the parser throw, and what it lets through is sound', () => {
  const names = fc.oneof(
    odd.map((name) => `ce-${name}`),
    fc.constantFrom('ce-id', 'CE-ID', 'content-type'),
    odd,
  );
  const headers = fc.dictionary(names, fc.oneof(odd, fc.array(odd)));
  const ce = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' };
  fc.assert(
    fc.property(
      headers,
      fc.boolean(),
      fc.option(contentType, { nil: undefined }),
      body,
      (some, whole, type, content) => {
        const message = { headers: whole ? { ...ce, ...some } : some, contentType: type, body: content };
        for (const item of parseHttpEvents(message)) expectSound(item);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('no Kafka record makes the decoder throw, and what it lets through is sound', () => {
  const encoder = new TextEncoder();
  const bytes = fc.oneof(
    odd.map((text) => encoder.encode(text)),
    contentType.map((text) => encoder.encode(text)),
    fc.uint8Array(),
  );
  const names = fc.oneof(
    attribute.map((name) => `ce_${name}`),
    fc.constantFrom('content-type', 'traceparent'),
    odd,
  );
  fc.assert(
    fc.property(fc.dictionary(names, bytes), fc.option(body), (headers, content) => {
      expectSound(fromHeaders(headers, typeof content === 'string' ? encoder.encode(content) : content));
    }),
    { numRuns: 3_000 },
  );
});

test('the depth found before parsing is the depth that parsing finds', () => {
  const depthOf = (json: unknown): number =>
    json !== null && typeof json === 'object' ? 1 + Math.max(0, ...Object.values(json).map(depthOf)) : 0;
  const tricky = fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', 'a') });
  const json = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof({ depthSize: 'medium' }, tricky, fc.array(tie('node')), fc.dictionary(tricky, tie('node'))),
  })).node;
  fc.assert(
    fc.property(json, (given) => {
      const depth = depthOf(given);
      const text = JSON.stringify(given);
      expect(isDeeperThan(text, depth)).toBe(false);
      if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true);
    }),
  );
});
