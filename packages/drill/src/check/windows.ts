/** Each window of re-evaluation that was opened is decided once; for its deadline not before that, and by everything that had come. */
import type { EvaluationEventData, EvaluationResult, ReEvaluationResult } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import type { Moved } from '../deployment.ts';
import type { Books } from './books.ts';

type Opened = EvaluationEventData<'evaluation.window.opened'>;

interface Decided {
  readonly result: ReEvaluationResult;
  /** By the clock of whoever decided, ms. */
  readonly atMs: number;
}

/** What was said of one evaluation, in any of its revisions. */
interface Said {
  readonly partition: number;
  readonly offset: number;
  /** Null: it was withdrawn. */
  readonly result: EvaluationResult | null;
}

/** Of a dead letter; one that was resolved has none of it. */
interface ParkedLetter {
  readonly origin?: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
  readonly stream?: string;
  readonly aggregate: string;
}

export class Windows {
  readonly #opened = new Map<string, Opened>();
  readonly #decided = new Map<string, Decided[]>();
  readonly #evaluations = new Map<string, Said[]>();
  /** `topic/partition/offset` of what the service parked. */
  readonly #parked = new Set<string>();
  /** Agents of whom a timer was parked. */
  readonly #timersParked = new Set<string>();

  happened(type: string, atMs: number, data: object, { partition, offset }: LogRecord): void {
    if (type === 'evaluation.window.opened') {
      const opened = data as Opened;
      this.#opened.set(opened.assignmentId, opened);
    } else if (type === 'evaluation.completed') {
      const result = data as ReEvaluationResult;
      this.#decided.set(result.assignmentId, [...(this.#decided.get(result.assignmentId) ?? []), { result, atMs }]);
    } else if (type.startsWith('qa.evaluation.')) {
      const { evaluationId } = data as { readonly evaluationId: string };
      const result = type === 'qa.evaluation.withdrawn' ? null : (data as EvaluationResult);
      const said = this.#evaluations.get(evaluationId) ?? [];
      this.#evaluations.set(evaluationId, [...said, { partition, offset, result }]);
    }
  }

  addLetter(text: string): void {
    const { origin, stream, aggregate } = JSON.parse(text) as ParkedLetter;
    if (origin) this.#parked.add(`${origin.topic}/${origin.partition}/${origin.offset}`);
    if (stream === 'timer') this.#timersParked.add(aggregate);
  }

  /** Decided with fewer calls than they wait for. */
  get forDeadline(): readonly (Decided & { readonly opened: Opened })[] {
    return [...this.#decided].flatMap(([assignmentId, list]) => {
      const opened = this.#opened.get(assignmentId);
      return opened
        ? list.filter(({ result }) => result.after.n < opened.calls).map((each) => ({ ...each, opened }))
        : [];
    });
  }

  check(moved: readonly Moved[], books: Books): void {
    for (const assignmentId of new Set([...this.#opened.keys(), ...this.#decided.keys()])) {
      const count = this.#decided.get(assignmentId)?.length ?? 0;
      if (count !== 1) books.wrong(`timer: the re-evaluation of ${assignmentId} was decided ${count} times`);
      if (!this.#opened.has(assignmentId)) books.wrong(`timer: the re-evaluation of ${assignmentId} was never opened`);
    }
    for (const { opened, result, atMs } of this.forDeadline) {
      const earlyMs = Date.parse(opened.deadlineAt) - atMs;
      if (earlyMs > 0)
        books.wrong(`timer: the re-evaluation of ${opened.assignmentId} was decided ${earlyMs} ms before its deadline`);
      this.#checkBacklog(opened, result, atMs, moved, books);
    }
  }

  /**
   * Time passed while nobody was there, and there was a backlog: it must have been read before anything was given up for its deadline.
   *
   * No false alarm: a decision whose time is after `beforeMs` was made by a process that was started after `ends` was read, since no earlier
   * one, all of which were killed before, ever showed such a time; that it was saved by one and published late by another changes nothing, for
   * its time is that of the decision. Such a process asks for the ends of the partitions after it has found what is due, so they are at `ends`
   * or behind, and fires when its group has committed them: what lies before was handled, but for what was parked; a timer that was parked
   * itself comes with its replay, wherever the ends are then. Offsets, not time stamps, say what lay there: those are by the clock of whoever wrote. What
   * has revisions that do not all belong to the window may have left it again.
   */
  #checkBacklog(
    opened: Opened,
    { after }: ReEvaluationResult,
    atMs: number,
    moved: readonly Moved[],
    books: Books,
  ): void {
    const before = moved.findLast(({ service, beforeMs }) => service === 'evaluation' && beforeMs < atMs);
    const ends = before?.ends;
    if (!ends || this.#timersParked.has(opened.agentId)) return;
    const counted = new Set(after.calls.map(({ evaluationId }) => evaluationId));
    const isRead = ({ partition, offset }: Said) =>
      offset < (ends.get(partition) ?? 0) && !this.#parked.has(`qa-events/${partition}/${offset}`);
    const missing = [...this.#evaluations].flatMap(([evaluationId, said]) => {
      const belonged = said.every(({ result }) => result !== null && belongs(result, opened));
      return !counted.has(evaluationId) && belonged && said.some(isRead) ? [evaluationId] : [];
    });
    if (missing.length > 0)
      books.wrong(
        `timer: the re-evaluation of ${opened.assignmentId} was given up with ${after.n} of ${opened.calls} calls, and without ${missing.length} that were there: ${missing[0]}`,
      );
  }
}

function belongs(evaluation: EvaluationResult, { agentId, competency, form, after, deadlineAt }: Opened): boolean {
  const score = evaluation.competencies.find((each) => each.competency === competency);
  return (
    evaluation.agentId === agentId &&
    evaluation.form.id === form.id &&
    evaluation.form.version === form.version &&
    score !== undefined &&
    score.score !== null &&
    score.answered > 0 &&
    Date.parse(evaluation.callStartedAt) > Date.parse(after) &&
    Date.parse(evaluation.callEndedAt) <= Date.parse(deadlineAt)
  );
}
