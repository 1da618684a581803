/**
 * A consumer group whose coordinator takes partitions away whenever it likes, and does not wait for the former owner: that
 * one learns of it later, if ever, and meanwhile goes on with what it has in hand.
 */
import {
  type BatchContext,
  type BatchHandler,
  type ConsumeOptions,
  type Consumer,
  LogError,
  type LogRecord,
  type Position,
} from '@coachloop/event-log';
import type { SimProcess } from './process.ts';
import { type LogServer, laneOf } from './sim-log.ts';

const BATCH_RECORDS_DEFAULT = 500;
const BATCH_BYTES_DEFAULT = 4 * 1024 * 1024;
const RETRY_MS_MAX = 1_000;
/** Given as the reason, because making the usual one takes a stack trace. */
const TAKEN = 'the partition was taken away';

class Member {
  readonly process: SimProcess;
  readonly options: ConsumeOptions;
  readonly handle: BatchHandler;
  /** What it believes to hold. */
  readonly held = new Map<string, Assignment>();
  readonly paused = new Set<string>();
  /** Of all its topics. */
  readonly lanes: readonly string[];
  evicted = false;

  constructor(process: SimProcess, options: ConsumeOptions, handle: BatchHandler, lanes: readonly string[]) {
    this.lanes = lanes;
    this.process = process;
    this.options = options;
    this.handle = handle;
  }
}

class Assignment {
  readonly member: Member;
  readonly topic: string;
  readonly partition: number;
  /** As `topic/partition`. */
  readonly lane: string;
  /** It was taken away, and its owner knows. */
  taken = false;
  /** Made for the first batch: most partitions never have one. */
  #abort: AbortController | null = null;
  position = 0;
  failures = 0;
  /** A task or a batch is under way. */
  active = false;
  /** Settles when the batch in hand is done. */
  done: Promise<void> = Promise.resolve();

  constructor(member: Member, topic: string, partition: number) {
    this.member = member;
    this.topic = topic;
    this.partition = partition;
    this.lane = laneOf(topic, partition);
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.taken) this.#abort.abort(TAKEN);
    return this.#abort.signal;
  }

  take(): void {
    this.taken = true;
    this.#abort?.abort(TAKEN);
  }
}

export class SimGroup {
  readonly name: string;
  readonly #log: LogServer;
  readonly #committed = new Map<string, number>();
  /** The furthest that was ever committed. */
  readonly #reached = new Map<string, number>();
  #members: Member[] = [];
  #dealing = false;
  /** Whose it is, as the coordinator sees it. */
  readonly #owners = new Map<string, Assignment>();
  /** Of all topics that are read together: made once, as members come and go. */
  readonly #lanes = new Map<string, readonly string[]>();

  constructor(name: string, log: LogServer) {
    this.name = name;
    this.#log = log;
  }

  get members(): readonly SimProcess[] {
    return this.#members.map(({ process }) => process);
  }

  committed(lane: string): number {
    return this.#committed.get(lane) ?? 0;
  }

  handledUpTo(lane: string): number {
    return this.#reached.get(lane) ?? 0;
  }

  positions(topics?: readonly string[]): Position[] {
    return [...this.#committed].flatMap(([lane, offset]) => {
      const [topic, partition] = split(lane);
      return topics === undefined || topics.includes(topic) ? [{ topic, partition, offset }] : [];
    });
  }

  async reset(positions: readonly Position[]): Promise<void> {
    this.#assertIdle();
    await this.#log.engine.resetOffsets(this.name, positions);
    for (const { topic, partition, offset } of positions) this.#committed.set(laneOf(topic, partition), offset);
  }

  async clear(): Promise<void> {
    this.#assertIdle();
    this.#committed.clear();
  }

  #assertIdle(): void {
    if (this.#members.length > 0) throw new LogError('LOG_GROUP_ACTIVE', `The group ${this.name} is running.`);
  }

  join(process: SimProcess, options: ConsumeOptions, handle: BatchHandler): Consumer {
    const lanes = this.#lanesOf(options.topics);
    const member = new Member(process, options, handle, lanes);
    if (options.from === 'end')
      for (const lane of lanes) {
        if (!this.#committed.has(lane)) this.#committed.set(lane, this.#log.lane(lane).length);
      }
    this.#members.push(member);
    this.rebalance();
    return {
      assignment: () => [...member.held.values()].map(({ topic, partition }) => ({ topic, partition })),
      pause: (topics = options.topics) => {
        for (const topic of topics) member.paused.add(topic);
      },
      resume: (topics = options.topics) => {
        for (const topic of topics) member.paused.delete(topic);
        for (const assignment of member.held.values()) this.#poll(assignment);
      },
      stop: () => this.#stop(member),
    };
  }

  #lanesOf(topics: readonly string[]): readonly string[] {
    const name = topics.join();
    let lanes = this.#lanes.get(name);
    if (!lanes) {
      const numbered = (topic: string) =>
        Array.from({ length: this.#log.partitionsOf(topic) }, (_, n) => laneOf(topic, n));
      lanes = topics.flatMap(numbered);
      this.#lanes.set(name, lanes);
    }
    return lanes;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#members].map((member) => this.#stop(member)));
  }

  async #stop(member: Member): Promise<void> {
    const mine = [...member.held.values()];
    for (const assignment of mine) assignment.take();
    member.held.clear();
    await Promise.all(mine.map(({ done }) => done));
    this.#members = this.#members.filter((each) => each !== member);
    this.rebalance();
  }

  /** It died, or said goodbye. */
  leave(process: SimProcess): void {
    this.#members = this.#members.filter((member) => member.process !== process);
    this.rebalance();
  }

  /** It did not send a heartbeat for too long: it is alive, and knows nothing of this. False: it was no member any more. */
  evict(process: SimProcess): boolean {
    const out = this.#members.filter((member) => member.process === process && !member.evicted);
    for (const member of out) member.evicted = true;
    if (out.length > 0) this.rebalance();
    return out.length > 0;
  }

  rejoin(process: SimProcess): void {
    if (process.stalled) return; // it does when it wakes
    const back = this.#members.filter((member) => member.process === process && member.evicted);
    for (const member of back) member.evicted = false;
    if (back.length > 0) this.rebalance();
  }

  /** Soon: several who come or go together make one new deal. */
  rebalance(): void {
    if (this.#dealing) return;
    this.#dealing = true;
    const deal = () => {
      this.#dealing = false;
      this.#deal();
    };
    this.#log.world.scheduler.after(this.#log.world.delay('the group deals its partitions'), null, deal);
  }

  /** Deals the partitions out anew. Most stay where they are, as with a cooperative assignor. */
  #deal(): void {
    const { world } = this.#log;
    const target = this.#target();
    const taken: Assignment[] = [];
    for (const [lane, owner] of this.#owners)
      if (target.get(lane) !== owner.member) {
        this.#owners.delete(lane);
        taken.push(owner);
      }
    for (const [member, list] of Map.groupBy(taken, ({ member }) => member)) this.#revoke(member, list);
    const given: Assignment[] = [];
    for (const [lane, member] of target) {
      if (this.#owners.has(lane)) continue;
      const offset = this.committed(lane);
      if (offset > 0 && world.faults.hit('offsets-set-back', `${this.name} ${lane}`))
        this.#committed.set(lane, Math.max(0, offset - world.random.between(1, 10)));
      const assignment = new Assignment(member, ...split(lane));
      this.#owners.set(lane, assignment);
      given.push(assignment);
    }
    for (const [{ process }, list] of Map.groupBy(given, ({ member }) => member)) {
      const begin = () => {
        for (const assignment of list) this.#begin(assignment);
      };
      world.scheduler.after(world.delay(`${process.name} is given partitions`), process, begin, true);
    }
  }

  /** Whose each partition is to be: in turn among those who want its topic. */
  #target(): ReadonlyMap<string, Member> {
    const members = this.#members.filter(({ evicted }) => !evicted);
    const [first] = members;
    if (first && members.every(({ lanes }) => lanes === first.lanes))
      return new Map(first.lanes.map((lane, i) => [lane, members[i % members.length] as Member]));
    const wanted = new Map<string, Member[]>();
    for (const member of members) {
      for (const lane of member.lanes) {
        const takers = wanted.get(lane);
        if (takers) takers.push(member);
        else wanted.set(lane, [member]);
      }
    }
    return new Map([...wanted].map(([lane, takers], i) => [lane, takers[i % takers.length] as Member]));
  }

  /** Something was appended there. */
  wake(lane: string): void {
    const owner = this.#owners.get(lane);
    if (owner && owner.member.held.get(lane) === owner) this.#poll(owner);
  }

  #revoke({ process, held }: Member, taken: readonly Assignment[]): void {
    const { world } = this.#log;
    const revoke = () => {
      for (const assignment of taken) {
        assignment.take();
        if (held.get(assignment.lane) === assignment) held.delete(assignment.lane);
      }
    };
    world.scheduler.after(world.delay(`${process.name} loses partitions`) * 4, process, revoke, true);
  }

  #begin(assignment: Assignment): void {
    const { lane, member } = assignment;
    if (this.#owners.get(lane) !== assignment || !this.#members.includes(member)) return;
    member.held.set(lane, assignment);
    assignment.position = Math.max(this.committed(lane), this.#log.firstOf(lane));
    this.#poll(assignment);
  }

  #poll(assignment: Assignment, afterMs = this.#linger(assignment)): void {
    if (assignment.active || assignment.taken) return;
    if (assignment.position >= this.#log.lane(assignment.lane).length) return;
    assignment.active = true;
    this.#log.world.scheduler.after(afterMs, assignment.member.process, () => this.#deliver(assignment), true);
  }

  #deliver(assignment: Assignment): void {
    const { member, lane, topic, partition } = assignment;
    assignment.active = false;
    if (assignment.taken || member.paused.has(topic)) return;
    const records = this.#batch(assignment);
    const last = records.at(-1);
    if (!last) return;
    assignment.active = true;
    const highWatermark = this.#log.lane(lane).length;
    const handled = member.handle({ topic, partition, records, highWatermark }, this.#contextOf(assignment));
    assignment.done = handled.then(
      () => this.#delivered(assignment, last.offset + 1),
      () => this.#refused(assignment),
    );
  }

  #delivered(assignment: Assignment, next: number): void {
    assignment.active = false;
    assignment.failures = 0;
    assignment.position = next;
    this.#poll(assignment);
  }

  #refused(assignment: Assignment): void {
    assignment.active = false;
    assignment.position = this.committed(assignment.lane);
    assignment.failures += 1;
    this.#poll(assignment, Math.min(RETRY_MS_MAX, 10 * 2 ** assignment.failures));
  }

  /** Never the same boundaries twice. */
  #batch({ lane, position, member: { options } }: Assignment): LogRecord[] {
    const { faults, random, batchMax } = this.#log.world;
    const most = options.maxBatchRecords ?? BATCH_RECORDS_DEFAULT;
    const count = faults.armed ? random.between(1, Math.min(batchMax, most)) : most;
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const record of this.#log.lane(lane).slice(position, position + count)) {
      bytes += record.value?.byteLength ?? 0;
      if (records.length > 0 && bytes > (options.maxBatchBytes ?? BATCH_BYTES_DEFAULT)) break;
      records.push(record);
    }
    return records;
  }

  #linger({ lane, member }: Assignment): number {
    return this.#log.world.linger(`${member.process.name} reads ${lane}`);
  }

  #contextOf(assignment: Assignment): BatchContext {
    const { world } = this.#log;
    const { process } = assignment.member;
    const hop = () =>
      new Promise<void>((resolve) => {
        world.scheduler.after(world.delay(`${process.name} to its group`), process, resolve, true);
      });
    return {
      signal: assignment.signal,
      heartbeat: hop,
      commit: async (offset) => {
        await hop();
        const { lane } = assignment;
        if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.#log.lane(lane).length)
          throw new LogError('LOG_OFFSET_OUT_OF_RANGE', `Offset ${offset} of ${lane}`);
        const lost = world.faults.hit('commit-lost', `${process.name} ${lane}`);
        const unavailable = new LogError('LOG_UNAVAILABLE', 'The simulated log does not answer.');
        if (lost && world.random.chance(0.5)) throw unavailable;
        // The coordinator knows whose it is: a former owner's commit has no effect.
        if (this.#owners.get(lane) === assignment) {
          this.#committed.set(lane, offset);
          this.#reached.set(lane, Math.max(offset, this.handledUpTo(lane)));
        }
        if (lost) throw unavailable;
      },
    };
  }
}

function split(lane: string): [string, number] {
  const at = lane.lastIndexOf('/');
  return [lane.slice(0, at), Number(lane.slice(at + 1))];
}
