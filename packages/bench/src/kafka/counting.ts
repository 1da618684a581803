/** A log that counts what goes through it. */
import type { EventLog } from '@coachloop/event-log';

export class Counts {
  consumed = 0;
  produced = 0;
  batches = 0;
  /** Since when, and until when, something was done; ms. */
  firstMs = 0;
  lastMs = 0;
  /** Called at the first record. */
  onFirst: () => void = () => undefined;

  began(records: number): void {
    if (this.consumed === 0) {
      this.firstMs = performance.now();
      this.onFirst();
    }
    this.consumed += records;
    this.batches += 1;
  }
  done(): void {
    this.lastMs = performance.now();
  }
  get seconds(): number {
    return (this.lastMs - this.firstMs) / 1_000;
  }
}

export const counting = (log: EventLog, counts: Counts): EventLog => ({
  createTopics: (topics) => log.createTopics(topics),
  topics: () => log.topics(),
  async append(records) {
    const positions = await log.append(records);
    counts.produced += records.length;
    counts.done();
    return positions;
  },
  consume: (options, handle) =>
    log.consume(options, async (batch, context) => {
      counts.began(batch.records.length);
      await handle(batch, context);
      counts.done();
    }),
  scan: (options) => log.scan(options),
  watermarks: (topics) => log.watermarks(topics),
  offsetsAt: (topics, timestampMs) => log.offsetsAt(topics, timestampMs),
  committed: (group, topics) => log.committed(group, topics),
  resetOffsets: (group, positions) => log.resetOffsets(group, positions),
  deleteGroup: (group) => log.deleteGroup(group),
  retain: (nowMs, notBefore) => log.retain(nowMs, notBefore),
  healthy: () => log.healthy(),
  close: () => log.close(),
});
