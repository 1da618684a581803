/** A Kafka and a MongoDB (stand-in) of our own to hurt: killed, started again on their data, and the broker's disk full. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type KafkaServer, lastingPort, type MongoServer, startKafkaHere, startMongoHere } from '@coachloop/servers';
import { SmallDisk } from '../disk.ts';

/** A broker that writes notices a full disk at once; one to which nobody writes never does. */
const FULL_MS_MAX = 30_000;
/** Of a database that is slow. */
const [STILL_MS, MOVING_MS] = [120, 15];

interface Ours {
  kill(): Promise<void>;
  start(): Promise<void>;
}

export class Servers {
  readonly kafka: KafkaServer;
  readonly mongo: MongoServer;
  /** A text: why there is none. */
  readonly disk: SmallDisk | string;
  #isStopping = false;

  private constructor(kafka: KafkaServer, mongo: MongoServer, disk: SmallDisk | string) {
    this.kafka = kafka;
    this.mongo = mongo;
    this.disk = disk;
  }

  /** @throws ServerError where there is no Java to run them with. */
  static async start(root: string, lasting: boolean): Promise<Servers> {
    const disk = await SmallDisk.mounted(root);
    const within = typeof disk === 'string' ? root : join(disk.directory, 'kafka');
    const env = { ...process.env, KAFKA_BROKERS: '', MONGODB_URI: '' };
    try {
      mkdirSync(within, { recursive: true });
      const ports = [await lastingPort(), await lastingPort(), await lastingPort(), await lastingPort()];
      const starting = await Promise.allSettled([
        startKafkaHere({ within, lasting, preferredPorts: ports.slice(0, 3), env }),
        startMongoHere({ preferredPorts: ports.slice(3), env }),
      ]);
      const [kafka, mongo] = starting;
      if (kafka.status === 'fulfilled' && mongo.status === 'fulfilled')
        return new Servers(kafka.value, mongo.value, disk);
      for (const each of starting) if (each.status === 'fulfilled') await each.value.stop();
      throw starting.find((each) => each.status === 'rejected')?.reason;
    } catch (error) {
      if (typeof disk !== 'string') await disk.unmount();
      throw error;
    }
  }

  get brokers(): readonly string[] {
    return this.kafka.address.split(',');
  }

  get description(): string {
    return `${this.kafka.description}; ${this.mongo.description}`;
  }

  /** Returns how long it was away, ms: its own start takes some of that. */
  killBroker(downMs: number): Promise<number> {
    return this.#bounced(this.#broker, downMs);
  }

  killStore(downMs: number): Promise<number> {
    const { node } = this.mongo;
    if (!node) throw new Error('That database is not ours to kill.');
    return this.#bounced(node, downMs);
  }

  /** It answers between two stops; returns when it runs as before. */
  async slowStore(ms: number): Promise<void> {
    const { node } = this.mongo;
    if (!node) throw new Error('That database is not ours to slow down.');
    for (const untilMs = performance.now() + ms; performance.now() < untilMs && !this.#isStopping; ) {
      node.pause();
      await setTimeout(STILL_MS);
      node.resume();
      await setTimeout(MOVING_MS);
    }
  }

  /** Returns what became of the broker: it ended by itself, or went on until it was killed. */
  async fillDisk(freeBytes: number): Promise<'ended' | 'went on'> {
    if (typeof this.disk === 'string') throw new Error('There is no disk to fill.');
    await this.disk.fill(freeBytes);
    const became = await Promise.race([
      this.#broker.ended().then(() => 'ended' as const),
      setTimeout(FULL_MS_MAX, 'went on' as const, { ref: false }),
    ]);
    await this.#broker.kill();
    this.disk.empty();
    await this.#restart(this.#broker);
    return became;
  }

  async #bounced(server: Ours, downMs: number): Promise<number> {
    const sinceMs = performance.now();
    await server.kill();
    await setTimeout(downMs);
    await this.#restart(server);
    return performance.now() - sinceMs;
  }

  async #restart(server: Ours): Promise<void> {
    if (this.#isStopping) throw new Error('The servers are being stopped.');
    await server.start();
  }

  /** Their data goes with them: nothing need be ended in order. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled([...this.kafka.brokers, this.mongo.node].map((server) => server?.kill()));
    await Promise.allSettled([this.kafka.stop(), this.mongo.stop()]);
    if (typeof this.disk !== 'string') await this.disk.unmount();
  }

  get #broker() {
    const [broker] = this.kafka.brokers;
    if (!broker) throw new Error('That broker is not ours to kill.');
    return broker;
  }
}
