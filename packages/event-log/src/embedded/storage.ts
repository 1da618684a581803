import type { PartitionState, ReadLimits, Slice, Storage, StoredState, StoredTopic } from '../core/storage.ts';
import type { LogError } from '../errors.ts';
import type { LogRecord, Position } from '../port.ts';
import { logErrorOf } from './faults.ts';
import type { FolderLock } from './lock.ts';
import type { Statement } from './protocol.ts';
import { Reader } from './reader.ts';
import { Writer, type WriterOptions } from './writer.ts';

/** A transaction that takes longer is a sign of a disk that hangs. Real time, as disks know no other. */
const STALL_MS_MAX = 10_000;
/** Blocks dropped in one transaction by retention: appends wait no longer than that takes. */
const TRIM_BLOCKS = 200;

export class EmbeddedStorage implements Storage {
  readonly #file: string;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #state: StoredState;
  readonly #lock: FolderLock;
  readonly #onFatal: (error: LogError) => void;
  #readFailure: LogError | undefined;

  private constructor(
    file: string,
    lock: FolderLock,
    writer: Writer,
    reader: Reader,
    state: StoredState,
    onFatal: (error: LogError) => void,
  ) {
    this.#file = file;
    this.#lock = lock;
    this.#writer = writer;
    this.#reader = reader;
    this.#state = state;
    this.#onFatal = onFatal;
  }

  /** Takes over the lock, also when it fails. */
  static async open(options: Omit<WriterOptions, 'latestMs'>, lock: FolderLock): Promise<EmbeddedStorage> {
    const { file, onFatal } = options;
    const latestMs = new Map<number, number>();
    let writer: Writer | undefined;
    let reader: Reader | undefined;
    try {
      writer = await Writer.open({ ...options, latestMs });
      reader = new Reader(file);
      return new EmbeddedStorage(file, lock, writer, reader, reader.load(latestMs), onFatal);
    } catch (error) {
      reader?.close();
      await writer?.close();
      lock.release();
      throw logErrorOf(error, file);
    }
  }

  load(): StoredState {
    return this.#state;
  }

  saveTopics(topics: readonly StoredTopic[]): Promise<void> {
    return this.#writer.execute(
      topics.map(({ spec, partitions }): Statement => {
        return ['topic', spec.name, spec.partitions, partitions[0]?.shard ?? 0, spec.retentionMs ?? null];
      }),
    );
  }

  append(slices: readonly Slice[]): Promise<void> {
    if (this.#readFailure !== undefined) throw this.#readFailure;
    return this.#writer.append(slices);
  }

  read(partition: PartitionState, from: number, limits: ReadLimits): LogRecord[] {
    return this.#reading(() => this.#reader.read(partition, from, limits));
  }

  seek(partition: PartitionState, timestampMs: number): number {
    return this.#reading(() => this.#reader.seek(partition, timestampMs));
  }

  async trim({ shard }: PartitionState, first: number): Promise<void> {
    await this.#writer.execute([['trim', shard, first]]);
    while (this.#reader.hasBlocksBelow(shard, first)) {
      await this.#writer.execute([['removeBlocks', shard, first, TRIM_BLOCKS]]);
    }
  }

  noteOffset(group: string, { topic, partition, offset }: Position): void {
    this.#writer.hint(`${topic}\n${partition}\n${group}`, ['offset', group, topic, partition, offset]);
  }

  saveOffsets(group: string, positions: readonly Position[] | undefined): Promise<void> {
    this.#writer.forget(group);
    if (positions === undefined) return this.#writer.execute([['removeGroup', group]]);
    return this.#writer.execute(
      positions.map(({ topic, partition, offset }): Statement => ['offset', group, topic, partition, offset]),
    );
  }

  healthy(): boolean {
    if (this.#readFailure !== undefined || this.#writer.failure !== undefined) return false;
    if (this.#writer.stalledMs > STALL_MS_MAX) return false;
    try {
      this.#reading(() => this.#reader.assertReadable());
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    // The reader first: the last connection to close moves the journal into the file, and a reading one cannot.
    this.#reader.close();
    await this.#writer.close();
    this.#lock.release();
  }

  /** What cannot be read is as final as what cannot be written: going on would hide a loss. */
  #reading<T>(read: () => T): T {
    if (this.#readFailure !== undefined) throw this.#readFailure;
    try {
      return read();
    } catch (error) {
      this.#readFailure = logErrorOf(error, this.#file);
      this.#onFatal(this.#readFailure);
      throw this.#readFailure;
    }
  }
}
