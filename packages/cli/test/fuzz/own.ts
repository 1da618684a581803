/** What strangers may write to topics that are ours alone: headers and values of any kind, and what looks nearly like ours. */
import type { ForeignRecord } from '@coachloop/event-log/foreign';
import fc from 'fast-check';
import type { Fate, Headers } from './intake.ts';

const some = fc.oneof(
  fc.string(),
  fc.constantFrom('', '1.0', '0', '1', '-1', '1e3', '9007199254740993', '__proto__', '\ud800', '2026-02-30T00:00:00Z'),
);
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const names = ['ce_id', 'ce_source', 'ce_time', 'ce_stream', 'ce_seq', 'ce_born', 'ce_subject', 'traceparent'];
const value = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array)),
  fc.json().map((json) => Buffer.from(json)),
  fc.constantFrom('[', '{"a":', '"\\ud800"', '['.repeat(50_000)).map((json) => Buffer.from(json)),
);

export interface OwnOdd {
  readonly type: string | null;
  readonly fate: Fate;
  readonly record: ForeignRecord;
}

/**
 * A type that is known and data that do not fit are a letter of whoever reads the type; a type that nobody reads is passed over, as
 * a newer release may publish it; no type at all is a letter of all who read the topic.
 * @param types that somebody reads, by topic
 */
export const ownOdd = (types: ReadonlyMap<string, readonly string[]>): fc.Arbitrary<OwnOdd> =>
  fc.constantFrom(...types.keys()).chain((topic) => {
    const known = fc.constantFrom(...(types.get(topic) ?? []));
    const type = fc.oneof(known, known, fc.constantFrom(null, 'somebody.elses', '__proto__', 'constructor'));
    const headers = fc.dictionary(fc.constantFrom(...names), fc.oneof(some, bytes), { noNullPrototype: true });
    const version = fc.constantFrom('1.0', '1.0', '0.3');
    return fc.tuple(type, headers, version, fc.option(bytes), value).map(([type, more, version, key, value]) => {
      const all: Headers = { ce_specversion: version, ...more, ...(type === null ? {} : { ce_type: type }) };
      const isKnown = type !== null && (types.get(topic) ?? []).includes(type);
      const fate: Fate = type === null || isKnown ? 'letter' : 'handled';
      return { type, fate, record: { topic, key, headers: all, value } };
    });
  });
