import { describe, expect, test } from 'vitest';
import { CONTRACT_ERRORS, EVENT_BOUNDS, type ParsedItem, parseHttpEvents } from '../src/index.ts';

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const event = { specversion: '1.0', id: 'e-1', source: '/s', type: 'call.ended' };
const ce = { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/s', 'ce-type': 'call.ended' };

const structured = (body: unknown, contentType = STRUCTURED) =>
  parseHttpEvents({ headers: {}, contentType, body: typeof body === 'string' ? body : JSON.stringify(body) });
const binary = (headers: Record<string, string | string[]>, body: string | Uint8Array = '{}') =>
  parseHttpEvents({ headers: { 'content-type': 'application/json', ...headers }, body });
const faults = (items: readonly ParsedItem[]) =>
  items.map((item) => ('fault' in item ? `${item.fault.code} ${item.fault.pointer}`.trim() : 'event'));

describe('structured mode', () => {
  test.each([
    ['no JSON', '{"specversion"', 'EVENT_BODY_NOT_JSON'],
    ['a list', [event], 'EVENT_NOT_OBJECT'],
    ['null', null, 'EVENT_NOT_OBJECT'],
    ['another version', { ...event, specversion: '0.3' }, 'EVENT_SPECVERSION_UNKNOWN /specversion'],
    ['the version as a number', { ...event, specversion: 1.0 }, 'EVENT_SPECVERSION_UNKNOWN /specversion'],
    ['no version', { ...event, specversion: undefined }, 'EVENT_ATTRIBUTE_MISSING /specversion'],
    ['no id', { ...event, id: undefined }, 'EVENT_ATTRIBUTE_MISSING /id'],
    ['null for an id', { ...event, id: null }, 'EVENT_ATTRIBUTE_MISSING /id'],
    ['an empty id', { ...event, id: '' }, 'EVENT_ATTRIBUTE_INVALID /id'],
    ['a number for an id', { ...event, id: 7 }, 'EVENT_ATTRIBUTE_INVALID /id'],
    ['an id with a control character', { ...event, id: 'a\u001fb' }, 'EVENT_ATTRIBUTE_INVALID /id'],
    ['an id with half a pair', { ...event, id: 'a\ud800' }, 'EVENT_ATTRIBUTE_INVALID /id'],
    ['a long source', { ...event, source: 'x'.repeat(501) }, 'EVENT_ATTRIBUTE_INVALID /source'],
    ['a name in capitals', { ...event, callId: 'x' }, 'EVENT_ATTRIBUTE_NAME_INVALID /callId'],
    ['an extension that is an object', { ...event, ext: {} }, 'EVENT_ATTRIBUTE_INVALID /ext'],
    ['an extension that is a fraction', { ...event, ext: 1.5 }, 'EVENT_ATTRIBUTE_INVALID /ext'],
    ['a time without its zone', { ...event, time: '2026-05-04T09:30:00' }, 'EVENT_TIME_INVALID /time'],
    [
      'XML',
      { ...event, datacontenttype: 'application/xml', data: '<a/>' },
      'EVENT_DATA_TYPE_UNSUPPORTED /datacontenttype',
    ],
    ['data twice', { ...event, data: {}, data_base64: 'e30=' }, 'EVENT_DATA_TWICE /data_base64'],
    ['no Base64', { ...event, data_base64: '???' }, 'EVENT_DATA_UNREADABLE /data_base64'],
    ['Base64 of no JSON', { ...event, data_base64: 'eA==' }, 'EVENT_DATA_UNREADABLE /data_base64'],
    [
      'half a pair',
      `{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a":["","\\ud83d"]}}`,
      'EVENT_TEXT_INVALID /data/a/1',
    ],
    ['half a pair in a name', { ...event, data: { a: { '\ud83d': 1 } } }, 'EVENT_NAME_INVALID /data/a'],
    ['U+0000 in a name', { ...event, data: { 'a\0b': 1 } }, 'EVENT_NAME_INVALID /data'],
    [
      'a huge number',
      `{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a/b":1e400}}`,
      'EVENT_NUMBER_TOO_LARGE /data/a~1b',
    ],
    [
      'a proto as attribute',
      `{"specversion":"1.0","id":"1","source":"s","type":"t","__proto__":{"x":1}}`,
      'EVENT_ATTRIBUTE_NAME_INVALID /__proto__',
    ],
  ])('%s is a fault with its place', (_name, body, fault) => {
    expect(faults(structured(body))).toEqual([fault]);
  });

  test('null means absent, extensions are kept, and data_base64 is decoded', () => {
    const [item] = structured({ ...event, subject: null, ext1: 'x', flag: true, data_base64: 'eyJhIjoi5L2gIn0=' });
    expect(item).toEqual({ index: 0, event: { ...event, ext1: 'x', flag: true, data: { a: '你' } } });
  });

  test('__proto__ in data stays data', () => {
    const [item] = structured(
      `{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"__proto__":{"polluted":1}}}`,
    );
    expect(item).toHaveProperty('event');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('data nested up to the bound passes; beyond it, it is refused before it is parsed', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const body = (levels: number) => `{"specversion":"1.0","id":"1","source":"s","type":"t","data":${nested(levels)}}`;
    expect(faults(structured(body(EVENT_BOUNDS.depth_max - 1)))).toEqual(['event']);
    expect(faults(structured(body(EVENT_BOUNDS.depth_max)))).toEqual(['EVENT_BODY_TOO_DEEP']);
    expect(faults(structured(body(4_000_000)))).toEqual(['EVENT_BODY_TOO_DEEP']);
    expect(faults(structured({ ...event, data: `${'['.repeat(99)}\\"${'{'.repeat(99)}` }))).toEqual(['event']);
  });

  test('bytes that are not UTF-8, another charset, another format, a body over the bound', () => {
    const of = (contentType: string, body: Uint8Array | string) =>
      faults(parseHttpEvents({ headers: {}, contentType, body }));
    expect(of(STRUCTURED, new Uint8Array([0x7b, 0xc0, 0xa0, 0x7d]))).toEqual(['EVENT_BODY_NOT_UTF8']);
    expect(of(`${STRUCTURED}; charset=gbk`, '{}')).toEqual(['EVENT_CONTENT_TYPE_UNSUPPORTED']);
    expect(of('application/cloudevents+avro', '{}')).toEqual(['EVENT_CONTENT_TYPE_UNSUPPORTED']);
    expect(of(STRUCTURED, new Uint8Array(EVENT_BOUNDS.body_bytes_max + 1))).toEqual(['EVENT_BODY_TOO_LARGE']);
  });

  test.each([
    ['{"a": "secret words" nope}', /^is not JSON: .* at position 21/],
    ['{"secret words": nope}', /^is not JSON: unexpected "o"/],
    ['{"secret words": [', /^is not JSON: it breaks off$/],
    ['', /^is not JSON: it breaks off$/],
  ])('what is wrong with %j is said without repeating it', (body, message) => {
    const [item] = structured(body);
    const text = item && 'fault' in item ? item.fault.message : '';
    expect(text).toMatch(message);
    expect(text).not.toContain('words');
  });
});

describe('batched mode', () => {
  test('good events are kept, and each bad one is named by its place', () => {
    const items = structured([event, { ...event, id: undefined }, 7, { ...event, id: 'e-4' }], BATCH);
    expect(items.map((item) => item.index)).toEqual([0, 1, 2, 3]);
    expect(faults(items)).toEqual(['event', 'EVENT_ATTRIBUTE_MISSING /id', 'EVENT_NOT_OBJECT', 'event']);
  });

  test('an empty batch is no event; a batch that is none, or too large, is refused as a whole', () => {
    expect(structured([], BATCH)).toEqual([]);
    expect(faults(structured(event, BATCH))).toEqual(['EVENT_BATCH_NOT_ARRAY']);
    const many = Array.from({ length: EVENT_BOUNDS.batch_events_max + 1 }, () => event);
    expect(faults(structured(many, BATCH))).toEqual(['EVENT_BATCH_TOO_LARGE']);
  });
});

describe('binary mode', () => {
  test('header names are taken in any case, values are unquoted and percent-decoded once', () => {
    const [item] = binary({
      ...ce,
      'CE-Subject': 'Euro%20%E2%82%AC%20%f0%9f%98%80',
      'ce-quoted': '"a \\"b\\" %2541"',
      'ce-constructor': 'x',
    });
    expect(item).toEqual({
      index: 0,
      event: {
        ...event,
        subject: 'Euro € 😀',
        quoted: 'a "b" %41',
        constructor: 'x',
        datacontenttype: 'application/json',
        data: {},
      },
    });
  });

  test.each([
    ['an overlong encoding', { ...ce, 'ce-subject': '%C0%A0' }, 'EVENT_HEADER_INVALID /subject'],
    ['a bare %', { ...ce, 'ce-subject': '50%' }, 'EVENT_HEADER_INVALID /subject'],
    ['bytes that nobody encoded', { ...ce, 'ce-subject': 'Ã¤' }, 'EVENT_HEADER_INVALID /subject'],
    ['a header twice', { ...ce, 'ce-subject': ['a', 'b'] }, 'EVENT_HEADER_INVALID /subject'],
    [
      'the content type as attribute',
      { ...ce, 'ce-datacontenttype': 'application/json' },
      'EVENT_HEADER_INVALID /datacontenttype',
    ],
    ['data as a header', { ...ce, 'ce-data': 'x' }, 'EVENT_ATTRIBUTE_NAME_INVALID /data'],
    ['a name with a dash', { ...ce, 'ce-call-id': 'x' }, 'EVENT_ATTRIBUTE_NAME_INVALID /call-id'],
    ['an encoded control character', { ...ce, 'ce-id': 'a%00b' }, 'EVENT_ATTRIBUTE_INVALID /id'],
    ['another version', { ...ce, 'ce-specversion': '2.0' }, 'EVENT_SPECVERSION_UNKNOWN /specversion'],
    ['no ce- headers at all', {}, 'EVENT_CONTENT_TYPE_UNSUPPORTED'],
    ['text', { ...ce, 'content-type': 'text/plain' }, 'EVENT_DATA_TYPE_UNSUPPORTED /datacontenttype'],
    [
      'too many',
      { ...ce, ...Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`ce-x${i}`, '1'])) },
      'EVENT_ATTRIBUTES_TOO_MANY',
    ],
  ])('%s is a fault', (_name, headers, fault) => {
    expect(faults(binary(headers))).toEqual([fault]);
  });

  test('a body that is no JSON is a fault of the data; an empty one is no data', () => {
    expect(faults(binary(ce, '{'))).toEqual(['EVENT_BODY_NOT_JSON /data']);
    expect(faults(binary(ce, '{"a":1e999}'))).toEqual(['EVENT_NUMBER_TOO_LARGE /data/a']);
    const [item] = binary(ce, '');
    expect(item && 'event' in item && 'data' in item.event).toBe(false);
  });
});

test('every fault has an entry in the catalogue that says what to do', () => {
  for (const [code, { status, title, whatToDo }] of Object.entries(CONTRACT_ERRORS)) {
    expect(code).toMatch(/^EVENT_[A-Z0-9_]+$/);
    expect([400, 413, 415, 422]).toContain(status);
    expect(title.length * whatToDo.length).toBeGreaterThan(0);
  }
});
