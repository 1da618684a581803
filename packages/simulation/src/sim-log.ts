/** The event log of the simulation: records in the memory adapter, groups of its own, and a network that fails. */
import {
  type BatchHandler,
  type ConsumeOptions,
  type Consumer,
  type EventLog,
  LogError,
  type LogRecord,
  type NewRecord,
  type Position,
  partitionOf,
  type ScanOptions,
  type TopicSpec,
} from '@coachloop/event-log';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { CallKinds, SimProcess } from './process.ts';
import { SimGroup } from './sim-group.ts';
import type { World } from './world.ts';

const KINDS: CallKinds = {
  away: 'log-away',
  answerLost: 'append-answer-lost',
  late: 'append-late',
  error: () => new LogError('LOG_UNAVAILABLE', 'The simulated log does not answer.'),
};

export const laneOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** What all processes share. */
export class LogServer {
  readonly engine: EventLog;
  readonly world: World;
  /** The records again, by lane and offset, so that a batch is read in no time. */
  readonly records = new Map<string, LogRecord[]>();
  readonly groups = new Map<string, SimGroup>();
  readonly #partitions = new Map<string, number>();
  readonly #first = new Map<string, number>();

  constructor(world: World) {
    this.world = world;
    this.engine = createMemoryLog({ clock: { now: () => Math.round(world.now()) } });
  }

  portOf(process: SimProcess): EventLog {
    return new SimLog(this, process);
  }

  group(name: string): SimGroup {
    let group = this.groups.get(name);
    if (!group) {
      group = new SimGroup(name, this);
      this.groups.set(name, group);
    }
    return group;
  }

  lane(lane: string): LogRecord[] {
    let records = this.records.get(lane);
    if (!records) {
      records = [];
      this.records.set(lane, records);
    }
    return records;
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.engine.createTopics(topics);
    for (const { name, partitions } of topics) this.#partitions.set(name, partitions);
  }

  partitionsOf(topic: string): number {
    const count = this.#partitions.get(topic);
    if (count === undefined) throw new LogError('LOG_TOPIC_UNKNOWN', `There is no topic ${JSON.stringify(topic)}`);
    return count;
  }

  /** The first record that retention has left. */
  firstOf(lane: string): number {
    return this.#first.get(lane) ?? 0;
  }

  async retain(nowMs: number, notBefore?: readonly Position[]): Promise<void> {
    await this.engine.retain(nowMs, notBefore);
    for (const { topic, partition, first } of await this.engine.watermarks([...this.#partitions.keys()]))
      this.#first.set(laneOf(topic, partition), first);
  }

  /** All at once, for those outside of the simulated network. */
  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    const positions = await this.engine.append(records);
    const lanes = new Set<string>();
    const now = Math.round(this.world.now());
    positions.forEach(({ topic, partition, offset }, i) => {
      const { key, headers, value, timestampMs = now } = records[i] as NewRecord;
      const lane = laneOf(topic, partition);
      this.lane(lane)[offset] = { topic, partition, offset, key, headers, value, timestampMs };
      lanes.add(lane);
    });
    for (const group of this.groups.values()) for (const lane of lanes) group.wake(lane);
    return positions;
  }

  /** Partition by partition, in any order, at different times; some perhaps not at all, and then the caller is not told. */
  async appendInParts(records: readonly NewRecord[], where: string): Promise<readonly Position[]> {
    const { faults, random } = this.world;
    const partial = faults.armed && faults.due('append-partial');
    const split = faults.armed && faults.due('append-split');
    if (!partial && !split) return this.append(records);
    const indexes = records.map((_, i) => i);
    const lanes = [...Map.groupBy(indexes, (i) => this.#laneOf(records[i] as NewRecord)).values()];
    if (split && lanes.length > 1) faults.happened('append-split', where);
    const positions: Position[] = [];
    let isLeft = false;
    const leaves = () => {
      isLeft ||= faults.happened('append-partial', where);
      return isLeft;
    };
    for (const list of random.shuffle(lanes)) {
      if (partial && random.chance(0.5) && leaves()) continue;
      await this.world.pause();
      const cut = partial && random.chance(0.3) && leaves() ? list.slice(0, random.below(list.length)) : list;
      const placed = await this.append(cut.map((i) => records[i] as NewRecord));
      cut.forEach((i, n) => {
        positions[i] = placed[n] as Position;
      });
    }
    // Where all of it is there, only the answer is lost.
    if (isLeft || (partial && faults.happened(KINDS.answerLost, where))) throw KINDS.error();
    return positions;
  }

  #laneOf = ({ topic, key }: NewRecord): string => laneOf(topic, partitionOf(key, this.partitionsOf(topic)));
}

/** The log as one process sees it. */
class SimLog implements EventLog {
  readonly #server: LogServer;
  readonly #process: SimProcess;

  constructor(server: LogServer, process: SimProcess) {
    this.#server = server;
    this.#process = process;
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#write('create topics', () => this.#server.createTopics(topics));
  }
  topics() {
    return this.#read('topics', () => this.#server.engine.topics());
  }
  append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    const where = `append ${records.length}`;
    return this.#write(where, async () => {
      const positions = await this.#server.appendInParts(records, `${this.#process.name} ${where}`);
      if (positions.length > 0) this.#process.wrote(where);
      return positions;
    });
  }
  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<Consumer> {
    for (const topic of options.topics) this.#server.partitionsOf(topic);
    return this.#server.group(options.group).join(this.#process, options, handle);
  }
  scan(options: ScanOptions): AsyncIterable<readonly LogRecord[]> {
    return this.#server.engine.scan(options);
  }
  watermarks(topics: readonly string[]) {
    return this.#read('watermarks', () => this.#server.engine.watermarks(topics));
  }
  offsetsAt(topics: readonly string[], timestampMs: number) {
    return this.#read('offsets at', () => this.#server.engine.offsetsAt(topics, timestampMs));
  }
  committed(group: string, topics?: readonly string[]): Promise<readonly Position[]> {
    return this.#read('committed', async () => this.#server.group(group).positions(topics));
  }
  resetOffsets(group: string, positions: readonly Position[]): Promise<void> {
    return this.#write('reset offsets', () => this.#server.group(group).reset(positions));
  }
  deleteGroup(group: string): Promise<void> {
    return this.#write('delete group', () => this.#server.group(group).clear());
  }
  retain(nowMs: number, notBefore?: readonly Position[]): Promise<void> {
    return this.#write('retain', () => this.#server.retain(nowMs, notBefore));
  }
  healthy(): Promise<boolean> {
    return this.#server.engine.healthy();
  }
  async close(): Promise<void> {
    for (const group of this.#server.groups.values()) await group.stopAll();
    await this.#server.engine.close();
  }

  #read<T>(where: string, effect: () => Promise<T>): Promise<T> {
    return this.#process.read(KINDS, where, effect);
  }
  #write<T>(where: string, effect: () => Promise<T>): Promise<T> {
    return this.#process.write(KINDS, where, effect);
  }
}
