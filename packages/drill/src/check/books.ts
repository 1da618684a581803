/**
 * The public log read by somebody who shares no code with the kernel: which records are there for the first time, in which order, and how
 * often each thing that can happen only once has happened.
 */
import type { LogRecord } from '@coachloop/event-log';
import { Findings } from '../findings.ts';
import { STRANGE } from '../load/intruder.ts';

type Data = Readonly<Record<string, unknown>>;

/** Of an event about a case, what others are compared with. */
export interface Happening {
  readonly caseId: unknown;
  readonly assignmentId: unknown;
  readonly passed: unknown;
  readonly template: unknown;
}

export interface Letter {
  readonly id: string;
  /** Whose it is. */
  readonly service: string;
  readonly type: string;
  /** Why it was parked. */
  readonly code: string;
  /** `topic/partition/offset` of what was parked; null: nothing of a log. */
  readonly place: string | null;
  readonly text: string;
}
interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface LetterData {
  readonly origin?: Origin | null;
  readonly how?: string;
  readonly reason?: { readonly code: string };
}

export interface Moved {
  readonly from: string | null;
  readonly to: string;
}

const SEQ_MAX = 2 ** 24;
const LETTER_ENDED = 'dead-letter.resolved';
/** What the books need of these is in their data, and may happen more than once. */
const REPEATABLE: readonly string[] = ['training.case.stage.changed', 'training.started'];

/** What makes two events of a type the same happening, whatever their ids are. */
const ONCE: Readonly<Record<string, readonly string[]>> = {
  'call.completed': ['callId'],
  'call.revised': ['callId', 'revision'],
  'qa.evaluation.completed': ['evaluationId', 'revision'],
  'qa.evaluation.revised': ['evaluationId', 'revision'],
  'qa.evaluation.withdrawn': ['evaluationId', 'revision'],
  'training.trigger.evaluated': ['evaluationId', 'revision', 'agentId'],
  'training.case.opened': ['caseId'],
  'training.case.closed': ['caseId'],
  'training.assigned': ['assignmentId', 'retake'],
  'training.completed': ['assignmentId', 'sourceId'],
  'evaluation.window.opened': ['assignmentId'],
  'evaluation.completed': ['assignmentId'],
  'notification.created': ['notificationId'],
};

export class Books {
  readonly findings = new Findings();
  records = 0;
  repetitions = 0;
  /** Of dead-letter topics: what was parked, and each time that it was parked again. */
  readonly letters: Letter[] = [];
  /** Dead letter → how it ended. */
  readonly ends = new Map<string, string>();
  /** What strangers wrote: where it lies → its number. */
  readonly strange = new Map<string, string>();
  /** Public topic → ids of its events. */
  readonly ids = new Map<string, Set<string>>();
  /** Platform's id of a call → type of what was said of it → how often. */
  readonly calls = new Map<string, Map<string, number>>();
  readonly abandoned = new Set<string>();
  readonly moves = new Map<string, Moved[]>();
  readonly counts = new Map<string, number>();
  /** Source id of a completion → how often it had its effect. */
  readonly completions = new Map<string, number>();
  readonly evaluated = new Set<string>();
  /** Evaluation → whose it is. */
  readonly evaluations = new Map<string, string>();
  /** By type, those about cases. */
  readonly happenings = new Map<string, Happening[]>();
  readonly triggered = new Set<string>();
  readonly #streams = new Map<string, { readonly index: number; readonly lane: string; seq: number }>();
  /** Id of each event → stream and number of its first occurrence. */
  readonly #places = new Map<string, number>();
  readonly #once = new Set<string>();

  get violations(): readonly string[] {
    return this.findings.kept;
  }

  wrong(what: string): void {
    this.findings.add(what);
  }

  add(record: LogRecord): void {
    const { topic, partition, headers } = record;
    const strange = textOf(headers[STRANGE]);
    if (strange !== '') this.strange.set(`${topic}/${partition}/${record.offset}`, strange);
    const isLetter = topic.endsWith('.dead-letter');
    const isPublic = /^(call|qa|training|evaluation|notification)-events$/.test(topic);
    if (!isLetter && !isPublic) return;
    if (isPublic) this.records += 1;
    const lane = `${topic}/${partition}`;
    const [id, type, stream] = ['ce_id', 'ce_type', 'ce_stream'].map((name) => textOf(headers[name]));
    if (!id || !type || !stream) {
      this.wrong(`log: a record of ${lane} has no id, type or stream`);
      return;
    }
    if (!this.#isFirst(id, stream, Number(textOf(headers.ce_seq)), lane)) {
      if (isPublic) this.repetitions += 1;
      return;
    }
    if (isLetter) {
      this.#addLetter(type, record);
      return;
    }
    this.ids.set(topic, (this.ids.get(topic) ?? new Set()).add(id));
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    this.#happened(type, textOf(headers.ce_subject), record);
  }

  /** Numbers rise within a stream among first occurrences; whatever is at or below has to be the same event again. */
  #isFirst(id: string, stream: string, seq: number, lane: string): boolean {
    const known = this.#streams.get(stream) ?? { index: this.#streams.size, lane, seq: 0 };
    this.#streams.set(stream, known);
    if (known.lane !== lane) this.wrong(`order: the stream ${stream} is in ${known.lane} and in ${lane}`);
    const place = known.index * SEQ_MAX + seq;
    const before = this.#places.get(id);
    if (before === place) return false;
    if (before !== undefined)
      this.wrong(`doubled: the event ${id} is there under two numbers, ${stream}#${seq} and another`);
    if (seq <= known.seq) this.wrong(`order: ${stream}#${seq} (${id}) comes for the first time after #${known.seq}`);
    known.seq = Math.max(known.seq, seq);
    this.#places.set(id, place);
    return true;
  }

  #addLetter(type: string, { topic, headers, value }: LogRecord): void {
    const text = textOf(value);
    const { origin = null, how, reason } = JSON.parse(text) as LetterData;
    const id = textOf(headers.ce_subject);
    if (type === LETTER_ENDED && how !== undefined) {
      if (this.ends.has(id)) this.wrong(`doubled: the end of the dead letter ${id} happened twice`);
      this.ends.set(id, how);
      return;
    }
    const place = origin && `${origin.topic}/${origin.partition}/${origin.offset}`;
    // Of a service whose figures are built in generations: `live-metrics.g1.dead-letter`.
    const service = topic.split('.')[0] ?? '';
    this.letters.push({ id, service, type, code: reason?.code ?? '', place, text: `${topic} ${text.slice(0, 300)}` });
  }

  #happened(type: string, subject: string, record: LogRecord): void {
    const names = ONCE[type];
    if (record.topic === 'call-events' && type !== 'agent.state.changed') {
      const said = this.calls.get(subject) ?? new Map<string, number>();
      said.set(type, (said.get(type) ?? 0) + 1);
      this.calls.set(subject, said);
    }
    if (!names && !REPEATABLE.includes(type)) return;
    if (textOf(record.headers.ce_dataref) !== '') {
      this.wrong(`log: ${type} of ${subject} is by reference, and this reader does not fetch it`);
      return;
    }
    const data = JSON.parse(textOf(record.value)) as Data;
    if (names) {
      const name = `${type} ${names.map((each) => data[each] ?? '').join(' ')}`;
      if (this.#once.has(name)) this.wrong(`doubled: ${name} happened twice`);
      this.#once.add(name);
    }
    this.#note(type, data);
  }

  #note(type: string, data: Data): void {
    const text = (name: string) => String(data[name]);
    if (type === 'call.completed' && data.abandoned === true) this.abandoned.add(text('callId'));
    if (type === 'qa.evaluation.completed') this.evaluated.add(text('callId'));
    if (/^qa\.evaluation\.(completed|revised)$/.test(type)) this.evaluations.set(text('evaluationId'), text('agentId'));
    if (data.caseId !== undefined) {
      const { caseId, assignmentId, passed, template } = data;
      const list = this.happenings.get(type) ?? [];
      list.push({ caseId, assignmentId, passed, template });
      this.happenings.set(type, list);
    }
    if (type === 'training.trigger.evaluated') this.triggered.add(text('callId'));
    if (type === 'training.completed')
      this.completions.set(text('sourceId'), (this.completions.get(text('sourceId')) ?? 0) + 1);
    if (type === 'training.case.stage.changed')
      this.moves.set(text('caseId'), [
        ...(this.moves.get(text('caseId')) ?? []),
        { from: data.from as string | null, to: text('to') },
      ]);
  }
}

export const textOf = (bytes: Uint8Array | null | undefined): string =>
  bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : '';
