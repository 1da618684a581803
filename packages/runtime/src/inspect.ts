/**
 * Checks the kernel's promises on a real installation: reads the whole log and every document. Runs beside running services,
 * because what it compares only ever grows: positions first, then documents, then the log.
 */
import { sha256 } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import type { EventLog, Position } from '@coachloop/event-log';
import { aggregatesOfService, topicsOfService } from './collections.ts';
import type { Aggregate, Clock, ServiceDefinition } from './definition.ts';
import { collectionsOf, OUTBOX_INDEX, readDocument } from './document.ts';
import { checkConsumed } from './inspect/consumed.ts';
import { checkDocuments, checkSuspects, pagesOf } from './inspect/documents.ts';
import { PayloadCheck } from './inspect/payloads.ts';
import { type Progress, Report, type Violation } from './inspect/report.ts';
import { checkStreams } from './inspect/streams.ts';

export type { Progress, Violation } from './inspect/report.ts';

export interface InspectOptions {
  /** All services of the installation: what one publishes is checked against the documents of the other. */
  readonly services: readonly ServiceDefinition[];
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly clock: Clock;
  /** Whether the services are running, so that what is late now must come; else nothing is late. */
  readonly live: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Nobody wants to know any more: rejects with its reason, soon. */
  readonly signal?: AbortSignal;
}

export interface Verification {
  readonly ok: boolean;
  /** Records read, repetitions included, and documents. */
  readonly events: number;
  readonly documents: number;
  /** At most 1,000; `ok` counts them all. */
  readonly violations: readonly Violation[];
  /** What could not be checked, e.g. because retention dropped the records; and what others have written where only we should. */
  readonly notes: readonly string[];
}

/** One service as the checks see it. */
export interface Inspected {
  readonly definition: ServiceDefinition;
  readonly aggregates: readonly Aggregate<never>[];
  readonly topics: readonly string[];
  /** What its group had committed before anything else was read. */
  readonly committed: readonly Position[];
}

export async function verify(options: InspectOptions): Promise<Verification> {
  const report = new Report(options.onProgress, options.signal);
  const payloads = new PayloadCheck(options.store, report);
  const atMs = options.clock.now();
  const inspected = await Promise.all(options.services.map((service) => inspect(options, service)));
  const { outputs, suspects } = await checkDocuments(options.store, inspected, atMs, payloads, report);
  await checkStreams(options.log, inspected, outputs, payloads, report);
  for (const service of inspected) await checkConsumed(options, service, report);
  await checkSuspects(options, inspected, suspects, report);
  return report.result;
}

/** The process that inspects need not be one that runs the services: collections are declared where they are used. */
async function inspect({ log, store }: InspectOptions, definition: ServiceDefinition): Promise<Inspected> {
  const { name } = definition;
  const aggregates = aggregatesOfService(definition);
  await store.declare(collectionsOf(aggregates));
  const existing = new Set((await log.topics()).map((topic) => topic.name));
  const topics = topicsOfService(definition).filter((topic) => existing.has(topic));
  return { definition, aggregates, topics, committed: await log.committed(name, topics) };
}

/**
 * Documents that still have something to say, or were not yet relieved of what they said. As long as there is one, more may come
 * of it, although everything in the log was handled: whoever saved it may have died before it published.
 */
export async function outputsWaiting({ services, store }: Pick<InspectOptions, 'services' | 'store'>): Promise<number> {
  const all = services.flatMap(aggregatesOfService);
  await store.declare(collectionsOf(all)); // whoever asks need not be one that runs them
  const counts = await Promise.all(all.map(({ collection }) => store.count(collection, { index: OUTBOX_INDEX })));
  return counts.reduce((sum, count) => sum + count, 0);
}

export interface Digest {
  /** Collection. */
  readonly kind: string;
  readonly documents: number;
  /** Sum over all documents, modulo 2^256, of the SHA-256 of id and digest: in whatever order they are read. */
  readonly hash: string;
}

/** Per kind of aggregate that says what of it must be equal between two runs over the same input. */
export async function digest(
  options: Pick<InspectOptions, 'services' | 'store' | 'onProgress' | 'signal'>,
): Promise<readonly Digest[]> {
  const report = new Report(options.onProgress, options.signal);
  const digests: Digest[] = [];
  for (const { aggregates } of options.services) await options.store.declare(collectionsOf(aggregates));
  for (const aggregate of options.services.flatMap((service) => service.aggregates))
    if (aggregate.digest) digests.push(await digestOf(options.store, aggregate, report));
  return digests.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
}

async function digestOf(store: DocumentStore, aggregate: Aggregate<never>, report: Report): Promise<Digest> {
  let sum = 0n;
  let documents = 0;
  for await (const page of pagesOf(store, aggregate.collection)) {
    for (const stored of page) {
      const { state } = readDocument(aggregate, stored).body;
      const part = state === null ? undefined : aggregate.digest?.(state as never, stored.id);
      if (part === undefined) continue;
      documents += 1;
      sum = BigInt.asUintN(256, sum + BigInt(`0x${sha256(`${stored.id}\u001f${canonical(part)}`)}`));
    }
    report.read('documents', page.length);
  }
  return { kind: aggregate.collection, documents, hash: sum.toString(16).padStart(64, '0') };
}

/** JSON with the names of every object in order, so that equal data are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
