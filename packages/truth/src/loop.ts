/**
 * The services' own definitions, one event after the other, in memory: the same routes, the same transitions, the same timers as on the
 * platform. Left out is what the kernel adds against crashes, which changes no decision (repetitions are dropped here too); so
 * ten thousand calls take seconds, and a run depends on nothing but its seed.
 */
import { type CloudEvent, type Message, TOPIC_OF_TYPE } from '@coachloop/contracts';
import type { Aggregate, ServiceDefinition } from '@coachloop/runtime';

/** An event from outside: intake of calls or of reports. */
export interface Knock {
  readonly topic: 'call-intake' | 'training-intake';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly timeMs: number;
  readonly data: unknown;
}

export interface Loop {
  /** Everything that follows from it is done when this returns. Time never goes back. */
  deliver(knock: Knock, nowMs: number): void;
  /** Fires what is due until then. */
  passTo(nowMs: number): void;
}

export interface LoopOptions {
  readonly services: readonly ServiceDefinition[];
  /** Hears every event that a service publishes, in order; what it returns is handed on in place of the event's data. */
  readonly on: (event: CloudEvent, nowMs: number) => unknown;
}

type AnyAggregate = Aggregate<object>;

interface Document {
  readonly aggregate: AnyAggregate;
  state: object;
  wakeAt: number | null;
}

export function createLoop({ services, on }: LoopOptions): Loop {
  const aggregates = new Map(
    services.flatMap((service) => service.aggregates.map((each) => [each.collection, each as unknown as AnyAggregate])),
  );
  const documents = new Map<string, Document>();
  const heard = new Set<string>();
  const sleepers = new Set<Document>();
  const queue: { event: CloudEvent; topic: string }[] = [];
  let published = 0;
  /** Nobody is to be woken before then. */
  let soonest = Infinity;

  function handle(document: Document, message: Message, nowMs: number): void {
    const { state, events, wakeAt } = document.aggregate.handle(document.state, message, nowMs);
    if (state === null) throw new Error(`${document.aggregate.collection} was deleted: this loop has no tombstones.`);
    document.state = state;
    document.wakeAt = wakeAt;
    if (wakeAt === null) sleepers.delete(document);
    else {
      sleepers.add(document);
      soonest = Math.min(soonest, wakeAt);
    }
    for (const { type, key, data, time = nowMs, subject } of events) {
      const event: CloudEvent = {
        id: `truth-${++published}`,
        source: 'urn:coachloop:truth',
        type,
        time,
        key,
        data,
        stream: '',
        seq: published,
        born: 0,
        ...(subject === undefined ? {} : { subject }),
      };
      queue.push({ topic: TOPIC_OF_TYPE[type] ?? '', event: { ...event, data: on(event, nowMs) } });
    }
  }

  function documentOf(collection: string, id: string): Document | undefined {
    const name = `${collection}/${id}`;
    const known = documents.get(name);
    const aggregate = aggregates.get(collection);
    if (known || !aggregate) return known;
    const document: Document = { aggregate, state: aggregate.initial(id), wakeAt: null };
    documents.set(name, document);
    return document;
  }

  function drain(nowMs: number): void {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { event, topic } = next;
      const origin = { topic, partition: 0 };
      const { id, type, source, time, data } = event;
      for (const { consumes } of services)
        for (const target of (consumes[topic]?.[type] ?? consumes[topic]?.['*'])?.(event, origin) ?? []) {
          const document = documentOf(target.collection, target.id);
          if (document) handle(document, { id, kind: 'event', type, source, time, data, origin }, nowMs);
        }
    }
  }

  const earliest = () => {
    let first: Document | undefined;
    for (const each of sleepers) if ((each.wakeAt ?? Infinity) < (first?.wakeAt ?? Infinity)) first = each;
    return first;
  };
  function passTo(nowMs: number): void {
    if (nowMs < soonest) return;
    for (let due = earliest(); due?.wakeAt != null && due.wakeAt <= nowMs; due = earliest()) {
      const time = due.wakeAt;
      due.wakeAt = null;
      sleepers.delete(due);
      handle(
        due,
        { id: `wake-${++published}`, kind: 'timer', type: 'timer', source: '', time, data: null, origin: null },
        time,
      );
      drain(time);
    }
    soonest = earliest()?.wakeAt ?? Infinity;
  }

  return {
    passTo,
    deliver({ topic, timeMs, ...rest }, nowMs) {
      passTo(nowMs);
      const identity = `${rest.source}|${rest.id}`;
      if (heard.has(identity)) return;
      heard.add(identity);
      const event = { ...rest, time: timeMs, key: '', stream: '', seq: ++published, born: 0 };
      queue.push({ topic, event });
      drain(nowMs);
    },
  };
}
