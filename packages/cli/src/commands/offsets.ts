/** `offsets reset`: the way on for a consumer group on Kafka whose place is not in the log any more. */
import type { EventLog, Position, Watermark } from '@coachloop/event-log';
import { openKafkaLog } from '@coachloop/event-log/kafka';
import { kafkaOf } from '../config/connections.ts';
import { readSettings } from '../config/read.ts';
import { CliError } from '../errors.ts';
import { printJson, printLine, printTable, remark } from '../output.ts';

interface Choice {
  readonly topic: string;
  readonly to: 'first' | 'end';
  /** Also partitions whose place is in the log. */
  readonly all?: boolean;
}

export interface OffsetsOptions extends Choice {
  readonly yes?: boolean;
  readonly brokers?: string;
  readonly json?: boolean;
}

/** Counts of records. */
export interface Move {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Dropped by retention before the group read them, whatever is done now. */
  readonly gone: number;
  /** In the log and not read by the group, and not going to be. */
  readonly skipped: number;
  /** Read by the group, and going to be read again. */
  readonly repeated: number;
}

/** Without `yes` it only says what it would do. @throws CliError GROUP_UNKNOWN; LogError LOG_GROUP_ACTIVE, LOG_TOPIC_UNKNOWN */
export async function reset(group: string, options: OffsetsOptions): Promise<void> {
  const { topic, yes = false, json } = options;
  const settings = readSettings({ env: process.env, options: { KAFKA_BROKERS: options.brokers } }).values;
  const log = openKafkaLog({ ...kafkaOf(settings), clock: { now: () => Date.now() } });
  try {
    const moves = await movesOf(log, group, options);
    const positions = moves.map(({ partition, to: offset }): Position => ({ topic, partition, offset }));
    if (yes && positions.length > 0) await log.resetOffsets(group, positions);
    if (json) printJson({ applied: yes, group, topic, partitions: moves });
    else say(group, options, moves);
  } finally {
    await log.close();
  }
}

async function movesOf(log: EventLog, group: string, { topic, to, all = false }: Choice): Promise<readonly Move[]> {
  const marks = await log.watermarks([topic]);
  const places = new Map((await log.committed(group, [topic])).map(({ partition, offset }) => [partition, offset]));
  if (places.size === 0)
    throw new CliError('GROUP_UNKNOWN', `The group ${JSON.stringify(group)} has no place in ${topic}.`);
  return marks.flatMap((mark) => {
    const from = places.get(mark.partition);
    const isOut = from !== undefined && (from < mark.first || from > mark.next);
    return from !== undefined && (isOut || all) ? [moveOf(mark, from, to)] : []; // without a place it begins at the first
  });
}

function moveOf({ partition, first, next }: Watermark, from: number, to: Choice['to']): Move {
  // A place beyond the end is of another partition, one that was deleted and made anew: nothing of this one was read.
  const read = from > next ? first : Math.max(first, from);
  return {
    partition,
    from,
    to: to === 'first' ? first : next,
    gone: Math.max(0, first - from),
    skipped: to === 'first' ? 0 : next - read,
    repeated: to === 'first' ? read - first : 0,
  };
}

function say(group: string, { topic, all = false, yes = false }: OffsetsOptions, moves: readonly Move[]): void {
  if (moves.length === 0) {
    const more = all ? '' : '; --all moves those that are';
    remark(`${group} has no place in ${topic} that is not in the log${more}.`);
    return;
  }
  printTable(
    ['PARTITION', 'FROM', 'TO', 'GONE', 'SKIPPED', 'REPEATED'],
    moves.map((move) =>
      [move.partition, move.from, move.to, move.gone, move.skipped, move.repeated].map((count) => String(count)),
    ),
  );
  const sum = (of: (move: Move) => number) => moves.reduce((total, move) => total + of(move), 0);
  const [gone, skipped, repeated] = [sum((m) => m.gone), sum((m) => m.skipped), sum((m) => m.repeated)];
  if (gone > 0) remark(`${gone} records were dropped by retention before ${group} read them.`);
  if (skipped > 0) remark(`${skipped} records that are in the log ${group} will never read.`);
  if (repeated > 0)
    remark(`${repeated} records ${group} reads again; a service of ours takes each for what it is, once.`);
  if (yes) printLine(`${moves.length} places of ${group} in ${topic} were set`);
  else remark(`Nothing was changed: stop every member of ${group}, and give --yes.`);
}
