/**
 * A place in the public log: a position per partition of each public topic, as one short text. It is the same on every instance,
 * since it names nothing but positions. Bytes: version, then per topic and partition a varint: 0 is "from the beginning",
 * n + 1 is "next is offset n".
 */
import { PARTITIONS, type TopicName } from '@coachloop/contracts';
import type { Position } from '@coachloop/event-log';

/** Only ever appended to: old cursors must keep their meaning. A test compares it with the catalogue. */
export const CURSOR_TOPICS: readonly TopicName[] = [
  'call-events',
  'qa-events',
  'training-events',
  'evaluation-events',
  'notification-events',
];
const VERSION = 1;
export const CURSOR_CHARS_MAX = 1_000;

export class Cursor {
  readonly #next: number[];

  constructor(next?: readonly number[]) {
    this.#next = Array.from({ length: CURSOR_TOPICS.length * PARTITIONS }, (_, i) => next?.[i] ?? 0);
  }

  /** Null: it is none. Of an older release, with fewer topics: the others begin at their beginning. */
  static parse(text: string): Cursor | null {
    if (text.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
    const bytes = Buffer.from(text, 'base64url');
    if (bytes[0] !== VERSION || bytes.toString('base64url') !== text) return null;
    const next: number[] = [];
    for (let at = 1; at < bytes.length; ) {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = bytes[at++];
        if (byte === undefined) return null;
        value += (byte & 0x7f) * scale;
        if (value > Number.MAX_SAFE_INTEGER) return null;
        if (byte < 0x80) break;
        scale *= 0x80;
      }
      next.push(value);
    }
    const whole = next.length % PARTITIONS === 0 && next.length <= CURSOR_TOPICS.length * PARTITIONS;
    return whole && next.length > 0 ? new Cursor(next) : null;
  }

  /** What comes next in a partition. */
  advance({ topic, partition, offset }: Position): void {
    const at = CURSOR_TOPICS.indexOf(topic as TopicName) * PARTITIONS + partition;
    if (at >= 0) this.#next[at] = offset + 1;
  }

  /** Where to read from; partitions from whose beginning is to be read are left out. */
  positions(topics: readonly string[]): readonly Position[] {
    return CURSOR_TOPICS.flatMap((topic, t) =>
      topics.includes(topic)
        ? Array.from({ length: PARTITIONS }, (_, partition) => ({
            topic,
            partition,
            offset: (this.#next[t * PARTITIONS + partition] ?? 0) - 1,
          })).filter(({ offset }) => offset >= 0)
        : [],
    );
  }

  toString(): string {
    const bytes: number[] = [VERSION];
    for (let value of this.#next) {
      for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
      bytes.push(value);
    }
    return Buffer.from(bytes).toString('base64url');
  }
}
