/**
 * Where a reader of the feed is: the next offset of each partition of each topic. As text it is the `id:` of the stream's
 * events, and says the same to every instance: `call-events:5.0.1c;qa-events:3.3`, offsets in base 36.
 */
import { PARTITIONS } from '@coachloop/contracts';
import type { Position } from '@coachloop/event-log';

/** Topic → next offset by partition. */
export type Positions = ReadonlyMap<string, readonly number[]>;

export const POSITION_CHARACTERS_MAX = 4_000;

const FORMAT =
  /^[a-z0-9._-]{1,100}:[0-9a-z]{0,11}(\.[0-9a-z]{0,11}){0,255}(;[a-z0-9._-]{1,100}:[0-9a-z]{0,11}(\.[0-9a-z]{0,11}){0,255}){0,99}$/;

export const encodePositions = (positions: Positions): string =>
  [...positions].map(([topic, offsets]) => `${topic}:${offsets.map((o) => o.toString(36)).join('.')}`).join(';');

/** Null: not one of ours. */
export function decodePositions(text: string): Positions | null {
  if (text.length > POSITION_CHARACTERS_MAX || !FORMAT.test(text)) return null;
  const positions = new Map<string, readonly number[]>();
  for (const part of text.split(';')) {
    const [topic = '', offsets = ''] = part.split(':');
    const numbers = offsets.split('.').map((o) => Number.parseInt(o, 36));
    if (!numbers.every((offset) => Number.isSafeInteger(offset) && offset >= 0)) return null;
    positions.set(topic, numbers);
  }
  return positions;
}

export const offsetAt = (positions: Positions, topic: string, partition: number): number | undefined =>
  positions.get(topic)?.[partition];

/** Moved on to these, never back. Partitions that nobody named yet begin at 0. */
export function advanced(positions: Positions, to: readonly Position[]): Positions {
  const moved = new Map<string, number[]>([...positions].map(([topic, offsets]) => [topic, [...offsets]]));
  for (const { topic, partition, offset } of to) {
    const offsets = moved.get(topic) ?? Array.from({ length: PARTITIONS }, () => 0);
    offsets[partition] = Math.max(offsets[partition] ?? 0, offset);
    moved.set(topic, offsets);
  }
  return moved;
}

export const listOf = (positions: Positions): readonly Position[] =>
  [...positions].flatMap(([topic, offsets]) => offsets.map((offset, partition) => ({ topic, partition, offset })));

export const positionsOf = (list: readonly Position[]): Positions => advanced(new Map(), list);
