/**
 * The naive way, with the same transitions, adapters and durability: for each event load one document, run it, save it,
 * publish what it says, commit. No batches, no inbox, no outbox: so it also loses and doubles events where a process dies.
 */
import { randomUUID } from 'node:crypto';
import { DomainError, type Message, TOPIC_OF_TYPE, toHeaders } from '@coachloop/contracts';
import type { DocumentStore, JsonObject } from '@coachloop/document-store';
import type { Consumer, EventLog, LogRecord } from '@coachloop/event-log';
import { type Aggregate, dataOf, envelopeOf, eventOf, type ServiceDefinition, type Target } from '@coachloop/runtime';

export interface NaiveOptions {
  readonly log: EventLog;
  readonly store: DocumentStore;
  /** One event at a time in the whole service, as consumers do by default, or in each partition. */
  readonly sideBySide: boolean;
  /** Records read at once, though handled one by one: brokers send many together whatever a consumer does with them. */
  readonly readAtOnce: number;
}

export const PARTITIONS = 12;

export async function startNaive(definition: ServiceDefinition, options: NaiveOptions): Promise<Consumer> {
  const { log, store, sideBySide, readAtOnce: maxBatchRecords } = options;
  const { name, aggregates, consumes, emits } = definition;
  const topics = Object.keys(consumes);
  await log.createTopics([...topics, ...emits].map((topic) => ({ name: topic, partitions: PARTITIONS })));
  await store.declare(aggregates.map(({ collection, indexes = [] }) => ({ name: collection, indexes })));
  let turn: Promise<void> = Promise.resolve();
  return log.consume({ group: name, topics, maxBatchRecords }, ({ records }, context) => {
    const work = async () => {
      for (const record of records) {
        await handleRecord(definition, options, record);
        await context.commit(record.offset + 1);
      }
    };
    if (sideBySide) return work();
    turn = turn.then(work);
    return turn;
  });
}

async function handleRecord(definition: ServiceDefinition, options: NaiveOptions, record: LogRecord): Promise<void> {
  const envelope = envelopeOf(record);
  const routes = definition.consumes[record.topic];
  const router = routes?.[envelope.type] ?? routes?.['*'];
  if (!router) return;
  const event = eventOf(envelope, dataOf(envelope, new Map()));
  const { topic, partition } = record;
  const { id, type, source, time, data } = event;
  const message: Message = { id, kind: 'event', type, source, time, data, origin: { topic, partition } };
  for (const target of router(event, record)) {
    const aggregate = definition.aggregates.find(({ collection }) => collection === target.collection);
    if (aggregate) await handleOne(definition.name, options, aggregate, target, message);
  }
}

async function handleOne(
  service: string,
  { log, store }: NaiveOptions,
  aggregate: Aggregate<never>,
  { collection, id }: Target,
  message: Message,
): Promise<void> {
  for (;;) {
    const now = Date.now();
    const [loaded] = await store.load(collection, [id]);
    const version = loaded?.version ?? 0;
    const state = loaded?.body.state ?? aggregate.initial(id);
    const decision = decide(aggregate, state, message, now);
    if (decision === null) return;
    const body = { state: decision.state as JsonObject | null };
    const document = { id, version: version + 1, wakeAt: decision.wakeAt, lane: '0', body };
    const [verdict] = await store.save(collection, [{ expectedVersion: version, document }]);
    if (verdict !== 'won') continue; // somebody else wrote it meanwhile: once more
    const source = `/${service}/${collection}/${id}`;
    for (const { type, key, subject, time = now, data } of decision.events) {
      const event = { id: randomUUID(), type, source, stream: source, seq: 1, born: 0, key, time, data };
      const headers = toHeaders(subject === undefined ? event : { ...event, subject });
      await log.append([
        { topic: TOPIC_OF_TYPE[type] ?? type, key, headers, value: Buffer.from(JSON.stringify(data)) },
      ]);
    }
    return;
  }
}

/** Null: the domain will not have it. */
function decide(aggregate: Aggregate<never>, state: unknown, message: Message, now: number) {
  try {
    return aggregate.handle(state as never, message, now); // what was saved is what its own transition made
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
