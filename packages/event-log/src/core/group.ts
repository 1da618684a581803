import { LogError } from '../errors.ts';
import type { BatchHandler, ConsumeOptions, Consumer, Position } from '../port.ts';
import { Assignment } from './assignment.ts';
import type { Scheduler } from './scheduler.ts';
import type { PartitionState, Storage } from './storage.ts';

const BATCH_RECORDS_DEFAULT = 500;
const BATCH_BYTES_DEFAULT = 4 * 1024 * 1024;

interface Member {
  readonly options: ConsumeOptions;
  readonly handle: BatchHandler;
  readonly partitions: ReadonlySet<PartitionState>;
  readonly paused: Set<string>;
}

/** A consumer group within this process: who reads which partition, and how far the group has come. */
export class Group {
  readonly name: string;
  readonly #storage: Storage;
  readonly #scheduler: Scheduler;
  readonly #offsets = new Map<PartitionState, number>();
  readonly #members: Member[] = [];
  /** The last owner of each partition, also when it was revoked: a new one waits until that one is done. */
  readonly #owners = new Map<PartitionState, { readonly member: Member; readonly assignment: Assignment }>();

  constructor(name: string, storage: Storage, scheduler: Scheduler) {
    this.name = name;
    this.#storage = storage;
    this.#scheduler = scheduler;
  }

  get active(): boolean {
    return this.#members.length > 0;
  }

  committed(partition: PartitionState): number | undefined {
    return this.#offsets.get(partition);
  }

  positions(): Position[] {
    return [...this.#offsets].map(([{ topic, partition }, offset]) => ({ topic, partition, offset }));
  }

  /** The first offset that the group may still read: retention stops there. */
  floor(partition: PartitionState): number | undefined {
    const owned = this.#owners.get(partition)?.assignment.revoked === false;
    return this.#offsets.get(partition) ?? (owned ? partition.first : undefined);
  }

  /** Remembers an offset without writing it. */
  restore(partition: PartitionState, offset: number): void {
    this.#offsets.set(partition, offset);
  }

  join(options: ConsumeOptions, handle: BatchHandler, partitions: readonly PartitionState[]): Consumer {
    const member: Member = { options, handle, partitions: new Set(partitions), paused: new Set() };
    if (options.from === 'end') {
      // The end is fixed once and for all: a later rebalance must not jump over what came in between.
      for (const partition of partitions) if (!this.#offsets.has(partition)) this.#commit(partition, partition.next);
    }
    this.#members.push(member);
    this.#rebalance();
    return {
      assignment: () => this.#held(member).map(({ partition: { topic, partition } }) => ({ topic, partition })),
      pause: (topics = options.topics) => {
        for (const topic of topics) member.paused.add(topic);
      },
      resume: (topics = options.topics) => {
        for (const topic of topics) member.paused.delete(topic);
        for (const assignment of this.#held(member)) assignment.wake();
      },
      stop: () => this.#leave(member),
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#members].map((member) => this.#leave(member)));
  }

  async #leave(member: Member): Promise<void> {
    const mine = [...this.#owners.values()]
      .filter((owner) => owner.member === member)
      .map(({ assignment }) => assignment);
    const index = this.#members.indexOf(member);
    if (index >= 0) {
      this.#members.splice(index, 1);
      this.#rebalance();
    }
    await Promise.all(mine.map((assignment) => assignment.done));
  }

  #held(member: Member): Assignment[] {
    const owners = [...this.#owners.values()];
    return owners
      .filter((owner) => owner.member === member && !owner.assignment.revoked)
      .map((owner) => owner.assignment);
  }

  #rebalance(): void {
    const target = spread(this.#members);
    for (const [partition, owner] of this.#owners)
      if (target.get(partition) !== owner.member) owner.assignment.revoke();
    for (const [partition, member] of target) {
      const owner = this.#owners.get(partition);
      if (owner !== undefined && !owner.assignment.revoked) continue;
      this.#owners.set(partition, { member, assignment: this.#assign(partition, member, owner?.assignment.done) });
    }
  }

  #assign(partition: PartitionState, member: Member, previous: Promise<void> | undefined): Assignment {
    const { options, handle } = member;
    const ports = {
      storage: this.#storage,
      scheduler: this.#scheduler,
      handle,
      maxBatchRecords: options.maxBatchRecords ?? BATCH_RECORDS_DEFAULT,
      maxBatchBytes: options.maxBatchBytes ?? BATCH_BYTES_DEFAULT,
      paused: (topic: string) => member.paused.has(topic),
      committed: () => this.#offsets.get(partition),
      commit: (nextOffset: number) => this.#commit(partition, nextOffset),
    };
    return new Assignment(partition, ports, previous);
  }

  #commit(partition: PartitionState, nextOffset: number): void {
    assertInRange(partition, nextOffset);
    this.#offsets.set(partition, nextOffset);
    this.#storage.noteOffset(this.name, { topic: partition.topic, partition: partition.partition, offset: nextOffset });
  }
}

export function assertInRange(partition: PartitionState, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= partition.first && offset <= partition.next) return;
  throw new LogError(
    'LOG_OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of ${partition.topic}/${partition.partition}, which has ${partition.first} to ${partition.next}`,
  );
}

/** Deals the partitions out in turn, each among the members that want its topic. */
function spread(members: readonly Member[]): Map<PartitionState, Member> {
  const target = new Map<PartitionState, Member>();
  const wanted = new Set(members.flatMap((member) => [...member.partitions]));
  let turn = 0;
  for (const partition of [...wanted].sort((a, b) => a.shard - b.shard)) {
    const takers = members.filter((member) => member.partitions.has(partition));
    const member = takers[turn++ % takers.length];
    if (member !== undefined) target.set(partition, member);
  }
  return target;
}
