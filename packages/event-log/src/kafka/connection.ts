/**
 * Requests that need no group and no producer. kafkajs has no public client for them, but it hands its own to a custom
 * partition assigner; that one is taken, from a consumer that never runs. After any error it is thrown away: a fresh one
 * costs 10 ms, and knows no stale leaders, coordinators or sockets.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Kafka, PartitionAssigner } from 'kafkajs';
import { isLogError } from '../errors.ts';
import { closedError, isBusy, isFinal, unavailable } from './failures.ts';
import type { Settings } from './options.ts';

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1_000;

export function clusterOf(kafka: Kafka): Cluster {
  let found: Cluster | undefined;
  const capture: PartitionAssigner = ({ cluster }) => {
    found = cluster;
    return {
      name: 'none',
      version: 0,
      assign: async () => [],
      protocol: () => ({ name: 'none', metadata: Buffer.of() }),
    };
  };
  kafka.consumer({ groupId: 'none', partitionAssigners: [capture], allowAutoTopicCreation: false });
  if (found === undefined) throw new Error('kafkajs made no partition assigner.');
  return found;
}

export class Connection {
  readonly #settings: Settings;
  #cluster: Promise<Cluster> | undefined;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Runs the call with a connected cluster, and again after errors for a while; then throws `LOG_UNAVAILABLE`. */
  async call<T>(what: string, action: (cluster: Cluster) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#settings.timings.callMs;
    for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(RETRY_MS_MAX, waitMs * 2)) {
      if (this.#closed) throw closedError();
      const cluster = this.#connected();
      try {
        return await action(await cluster);
      } catch (error) {
        // Also after a refusal: a password that is right again must not meet what the wrong one left.
        if (!isBusy(error) && !isLogError(error)) this.#drop(cluster);
        if (isFinal(error)) throw unavailable(what, error);
        if (performance.now() + waitMs > until) throw unavailable(what, error);
        await sleep(waitMs);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await disconnect(cluster);
  }

  #connected(): Promise<Cluster> {
    this.#cluster ??= connect(this.#settings);
    return this.#cluster;
  }

  #drop(cluster: Promise<Cluster>): void {
    if (this.#cluster !== cluster) return; // another call did it
    this.#cluster = undefined;
    void disconnect(cluster);
  }
}

export async function connect(settings: Settings): Promise<Cluster> {
  const cluster = clusterOf(settings.client());
  await cluster.connect();
  return cluster;
}

/** A connection that failed has nothing to say about its end. */
export async function disconnect(cluster: Promise<Cluster> | undefined): Promise<void> {
  await cluster?.then((connected) => connected.disconnect()).catch(() => undefined);
}
