/** What comes from outside: calls of a small site, on the bus and over HTTP, reports of its learning system, commands of people. */
import { agentIdOf, callIdOf, DomainError, PARTITIONS } from '@coachloop/contracts';
import { type NewRecord, partitionOf } from '@coachloop/event-log';
import type { Command, ForeignEvent, Outcome } from '@coachloop/runtime';
import { NOTE_COMMAND } from './probe.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

export const SOURCE = 'pbx';
const LMS = 'lms';

/** An event of a foreign producer. */
export interface Sent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly timeMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly service: string;
  readonly command: Command;
  /** What an operator decides on: the document of the letter. */
  readonly letter?: string;
  readonly answers: Outcome[];
}

/** An event over HTTP. */
export interface Received {
  readonly event: ForeignEvent;
  readonly answers: Outcome[];
}

export interface WorkloadOptions {
  readonly calls: number;
  readonly agents: number;
  /** Virtual ms over which the calls come. */
  readonly lastsMs: number;
}

const encode = (text: string): Uint8Array => Buffer.from(text);

export const recordOf = (topic: string, key: string, { id, source, type, timeMs, data }: Sent): NewRecord => ({
  topic,
  key,
  headers: {
    ce_specversion: encode('1.0'),
    ce_id: encode(id),
    ce_source: encode(source),
    ce_type: encode(type),
    ce_time: encode(new Date(timeMs).toISOString()),
    'content-type': encode('application/json'),
  },
  value: encode(JSON.stringify(data)),
});

const ASSIGNMENT_LANES = Array.from({ length: PARTITIONS }, (_, partition) => `training-events/${partition}`);

const CLIENT_RETRY_MS = 300;

/** So few partitions have anything to do that batches grow and processes meet. */
const BUSY_PARTITIONS = 3;
const isBusy = (key: string): boolean => partitionOf(key, PARTITIONS) < BUSY_PARTITIONS;

/** The nth name whose keys all go to the busy partitions. */
function namesOf(prefix: string, keys: (name: string) => readonly string[]): (n: number) => string {
  const names: string[] = [];
  let tried = 0;
  return (n) => {
    while (names.length <= n) {
      tried += 1;
      const name = `${prefix}-${tried}`;
      if (keys(name).every(isBusy)) names.push(name);
    }
    return names[n] as string;
  };
}

const callNamed = namesOf('call', (name) => [name, callIdOf(SOURCE, name)]);
const agentNamed = namesOf('agent', (name) => [agentIdOf(SOURCE, name)]);

export class Workload {
  /** By call, in the order in which things happened. */
  readonly calls = new Map<string, Sent[]>();
  readonly asked = new Set<Asked>();
  readonly received: Received[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #o: WorkloadOptions;
  /** Requests without an answer; true: refused so far, because of a defect. */
  readonly #open = new Map<object, boolean>();
  /** Assignments that the learning system knows of. */
  readonly #assigned = new Set<string>();
  readonly #read = new Map<string, number>();

  constructor(world: World, options: WorkloadOptions) {
    this.#world = world;
    this.#random = new Random(world.seed, 'workload');
    this.#o = options;
  }

  /** Requests that somebody still has to answer; those that a defect refuses wait until it is repaired. */
  get open(): number {
    const { repaired } = this.#world.fleet;
    return [...this.#open.values()].filter((refused) => repaired || !refused).length;
  }

  start(): void {
    for (let i = 0; i < this.#o.calls; i += 1) this.#call(i);
    for (let i = 0; i < this.#o.calls / 4; i += 1) this.#note(i);
    this.#learn();
  }

  #call(i: number): void {
    const random = this.#random;
    const agent = random.below(this.#o.agents);
    const beginsMs = (i / this.#o.calls) * this.#o.lastsMs;
    // Half of the agents are weak, until the middle of the time.
    const weak = agent % 2 === 0 && beginsMs < this.#o.lastsMs * 0.6;
    const callId = callNamed(i);
    const at = (minutes: number) => Math.round(this.#world.domainAt(beginsMs)) + minutes * 60_000;
    const common = { callId, agentId: agentNamed(agent), customerHash: `customer-${Math.floor(i / 8)}` };
    const says = (word: string) => (random.chance(weak ? 0.2 : 0.9) ? word : 'well');
    const transcript = {
      language: 'en',
      timing: 'none',
      segments: [
        { index: 0, speaker: 'agent', text: says('hello') },
        { index: 1, speaker: 'customer', text: 'the bill' },
        { index: 2, speaker: 'agent', text: says('please') },
      ],
    };
    const events: [string, number, object][] = [
      ['call.answered', 0, { queue: `queue-${i % 2}` }],
      ['call.ended', 3, {}],
    ];
    if (!random.chance(0.05)) events.push(['transcript.completed', 4, { transcript }]);
    if (random.chance(0.25))
      events.push(['survey.answered', 60, { score: random.between(1, 5), scale: { min: 1, max: 5 } }]);
    if (random.chance(0.2)) events.push(['call.wrapup.ended', 5, {}]);
    // It turns out late that somebody else had it.
    const other = (agent + 1) % this.#o.agents;
    if (i % 7 === 3) events.push(['call.transferred', 2, { toAgentId: agentNamed(other) }]);
    const sent = events.map(([type, minutes, more], n): Sent => {
      const timeMs = at(minutes);
      const data = { ...common, at: new Date(timeMs).toISOString(), ...more };
      return { id: `${callId}.${n}`, source: SOURCE, type, timeMs, data };
    });
    this.calls.set(callIdOf(SOURCE, callId), sent);
    for (const [n, event] of sent.entries())
      this.#send('call-intake', callId, event, beginsMs + n * random.between(1, 30));
  }

  /** On the bus, or over HTTP, or both; once or more often; now or late. */
  #send(topic: string, key: string, event: Sent, atMs: number): void {
    const { faults, random, scheduler } = this.#world;
    const delay = atMs - scheduler.now;
    const where = `${event.type} ${event.id}`;
    const late = () => (faults.hit('arrives-late', where) ? random.next() * 2_500 : 0);
    const onBus = () => void this.#world.log.append([recordOf(topic, key, event)]);
    const byHttp = topic === 'call-intake' && random.chance(0.3);
    if (byHttp) scheduler.after(delay + late(), null, () => this.#receive(key, event));
    if (!byHttp || faults.hit('sent-both-ways', where)) scheduler.after(delay + late(), null, onBus);
    if (faults.hit('sent-twice', where)) scheduler.after(delay + late() + random.next() * 1_500, null, onBus);
    if (faults.hit('garbage', where))
      scheduler.after(delay, null, () => {
        const record = recordOf(topic, key, { ...event, id: `${event.id}.bad` });
        void this.#world.log.append([{ ...record, value: encode('{') }]);
      });
  }

  /** As an HTTP client does: again, with the same id, until it is answered. */
  #receive(key: string, { id, source, type, timeMs, data }: Sent): void {
    const target = { collection: 'calls', id: callIdOf(source, key) };
    const event: ForeignEvent = { target, id, source, type, time: timeMs, data, laneKey: key };
    const answers: Outcome[] = [];
    this.received.push({ event, answers });
    this.#untilAnswered(
      'call-ingest',
      (service) => service.receive([event]),
      (outcome) => answers.push(outcome),
    );
  }

  #note(i: number): void {
    const random = this.#random;
    const agentId = agentIdOf(SOURCE, agentNamed(random.below(this.#o.agents)));
    const command: Command = {
      target: { collection: 'probe-agents', id: agentId },
      type: NOTE_COMMAND,
      data: { agentId, n: i },
      key: `note-${i}`,
      laneKey: agentId,
    };
    const asked: Asked = { service: 'probe', command, answers: [] };
    const clients = random.chance(0.2) ? 2 : 1;
    for (let n = 0; n < clients; n += 1)
      this.#world.scheduler.after(random.next() * this.#o.lastsMs, null, () => this.ask(asked));
  }

  ask(asked: Asked): void {
    this.asked.add(asked);
    this.#untilAnswered(
      asked.service,
      (service) => service.dispatch([asked.command]),
      (outcome) => asked.answers.push(outcome),
    );
  }

  #untilAnswered(
    service: string,
    send: (
      to: NonNullable<Awaited<ReturnType<World['fleet']['awake']>>[number]['running']>,
    ) => Promise<readonly Outcome[]>,
    answered: (outcome: Outcome) => void,
  ): void {
    const { scheduler, fleet, random } = this.#world;
    const request = {};
    this.#open.set(request, false);
    const attempt = () => {
      if (!this.#open.has(request)) return;
      scheduler.after(random.between(CLIENT_RETRY_MS, 2 * CLIENT_RETRY_MS), null, attempt, true);
      const awake = fleet.awake(service);
      if (awake.length === 0) return;
      const { running } = random.pick(awake);
      if (!running) return;
      send(running).then(
        ([outcome]) => {
          if (!outcome || !this.#open.has(request)) return;
          if (isPassing(outcome)) this.#open.set(request, true);
          else this.#open.delete(request);
          if (!isPassing(outcome)) answered(outcome);
        },
        () => undefined,
      );
    };
    attempt();
  }

  /** The learning system reads assignments from the log, and reports what became of them. */
  #learn(): void {
    const { log, scheduler } = this.#world;
    for (const lane of ASSIGNMENT_LANES) {
      const records = log.lane(lane);
      const read = this.#read.get(lane) ?? 0;
      if (read === records.length) continue;
      for (const record of records.slice(read)) {
        if (Buffer.from(record.headers.ce_type ?? []).toString() !== 'training.assigned') continue;
        const data = JSON.parse(Buffer.from(record.value ?? []).toString());
        this.#assignment(data);
      }
      this.#read.set(lane, records.length);
    }
    scheduler.after(100, null, () => this.#learn(), true);
  }

  #assignment(data: { assignmentId: string; assignedAt: string; course: { id: string } }): void {
    const { assignmentId, assignedAt, course } = data;
    if (this.#assigned.has(assignedAt + assignmentId)) return;
    this.#assigned.add(assignedAt + assignmentId);
    const random = this.#random;
    if (random.chance(0.15)) return; // nobody learns
    const now = this.#world.scheduler.now;
    const report = (kind: 'start' | 'completion', afterMs: number, more: object) => {
      const timeMs = Math.round(Date.parse(assignedAt) + afterMs * this.#world.speed);
      const sourceId = `${kind}-${assignmentId}-${assignedAt}`;
      const when = new Date(timeMs).toISOString();
      const type = kind === 'start' ? 'training.start.reported' : 'training.completion.reported';
      const what = kind === 'start' ? { startedAt: when } : { completedAt: when };
      const event: Sent = {
        id: sourceId,
        source: LMS,
        type,
        timeMs,
        data: { assignmentId, sourceId, ...what, ...more },
      };
      this.#send('training-intake', assignmentId, event, now + afterMs);
    };
    // Some learn at once, while there still are calls to come: else nothing would ever be re-evaluated.
    const quick = random.chance(0.5) ? 10 : 1;
    if (random.chance(0.7)) report('start', random.between(1, 200 / quick), {});
    report('completion', random.between(200 / quick, 900 / quick), {
      courseId: course.id,
      passed: random.chance(0.8),
      score: 80,
    });
  }
}

/** A defect that is repaired later, or a clock that is wrong: come again. That a letter is no longer open is an answer. */
const isPassing = (outcome: Outcome): boolean =>
  outcome.status === 'rejected' &&
  !(outcome.error instanceof DomainError && outcome.error.code === 'DEAD_LETTER_NOT_OPEN');
