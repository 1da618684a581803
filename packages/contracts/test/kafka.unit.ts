import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CloudEvent, fromHeaders, headerText, parseHttpEvents, toHeaders, toStructured } from '../src/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const headers = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, bytes(text)]));
const ce = { ce_specversion: '1.0', ce_id: 'e-1', ce_source: '/s', ce_type: 'call.ended' };

const printable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text));
const events: fc.Arbitrary<CloudEvent> = fc.record(
  {
    id: printable,
    source: printable,
    type: printable,
    time: fc.integer({ min: 0, max: 4e12 }),
    subject: printable,
    key: printable,
    stream: printable,
    seq: fc.nat(),
    born: fc.nat(),
    traceparent: fc.constant('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    dataref: fc.constant('sha256:00'),
    data: fc.jsonValue({ maxDepth: 4 }),
  },
  { requiredKeys: ['id', 'source', 'type', 'time', 'key', 'stream', 'seq', 'born', 'data'] },
);

test('what toHeaders writes, fromHeaders reads', () => {
  fc.assert(
    fc.property(events, (event) => {
      const value = JSON.stringify(event.data);
      const { key, seq, time, born, ...rest } = event;
      expect(fromHeaders(toHeaders(event), bytes(value))).toEqual({
        event: {
          ...rest,
          specversion: '1.0',
          time: new Date(time).toISOString(),
          seq: String(seq),
          born: String(born),
          datacontenttype: 'application/json',
          data: JSON.parse(value),
        },
      });
    }),
  );
});

test('what toStructured writes is a CloudEvent, by HTTP and on Kafka', () => {
  fc.assert(
    fc.property(events, (event) => {
      const body = JSON.stringify(toStructured(event));
      const contentType = 'application/cloudevents+json; charset=UTF-8';
      const expected = { event: JSON.parse(body) };
      expect(parseHttpEvents({ headers: {}, contentType, body })).toEqual([{ index: 0, ...expected }]);
      expect(fromHeaders({ 'content-type': bytes(contentType) }, bytes(body))).toEqual(expected);
    }),
  );
});

test('toHeaders gives the same bytes however often a source is repeated', () => {
  const event: CloudEvent = {
    id: '1',
    source: 's',
    type: 't',
    time: 0,
    key: 'k',
    stream: 'x',
    seq: 1,
    born: 0,
    data: null,
  };
  for (let i = 0; i < 1_200; i += 1) {
    const source = `source ${i % 600}`;
    expect(headerText(toHeaders({ ...event, source }).ce_source)).toBe(source);
  }
});

describe('a record that is no event is a fault', () => {
  const codeOf = (
    texts: Record<string, string>,
    value: string | null = '{}',
    more: Record<string, Uint8Array> = {},
  ) => {
    const parsed = fromHeaders({ ...headers(texts), ...more }, value === null ? null : bytes(value));
    return 'fault' in parsed ? `${parsed.fault.code} ${parsed.fault.pointer}`.trim() : 'event';
  };
  test.each([
    ['no headers', codeOf({}), 'EVENT_ATTRIBUTE_MISSING /specversion'],
    ['no type', codeOf({ ...ce, ce_type: '' }), 'EVENT_ATTRIBUTE_INVALID /type'],
    ['not UTF-8', codeOf(ce, '{}', { ce_id: new Uint8Array([0xff]) }), 'EVENT_HEADER_INVALID /id'],
    ['a value that is no JSON', codeOf(ce, '<a/>'), 'EVENT_BODY_NOT_JSON /data'],
    [
      'a batch',
      codeOf({ 'content-type': 'application/cloudevents-batch+json' }, '[]'),
      'EVENT_CONTENT_TYPE_UNSUPPORTED',
    ],
    [
      'structured without a value',
      codeOf({ 'content-type': 'application/cloudevents+json' }, null),
      'EVENT_BODY_NOT_JSON',
    ],
    [
      'the content type twice',
      codeOf({ ...ce, ce_datacontenttype: 'application/json' }),
      'EVENT_HEADER_INVALID /datacontenttype',
    ],
    ['a name in capitals', codeOf({ ...ce, ce_Id: 'x' }), 'EVENT_ATTRIBUTE_NAME_INVALID /Id'],
    ['no content type, no value', codeOf(ce, null), 'event'],
    ['headers of others', codeOf({ ...ce, __TypeId__: 'x' }), 'event'],
  ])('%s', (_name, found, expected) => {
    expect(found).toBe(expected);
  });
});

test('the trace context comes bare, or as the extension, which wins', () => {
  const traceOf = (texts: Record<string, string>) => {
    const parsed = fromHeaders(headers({ ...ce, ...texts }), null);
    return 'event' in parsed && 'traceparent' in parsed.event ? parsed.event.traceparent : undefined;
  };
  expect(traceOf({ traceparent: 'a' })).toBe('a');
  expect(traceOf({ traceparent: 'a', ce_traceparent: 'b' })).toBe('b');
  expect(traceOf({ ce_traceparent: 'b', traceparent: 'a' })).toBe('b');
});
