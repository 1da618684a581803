/** What comes due is done, once, in order and not early: the steps of an overdue case, and the deadlines of re-evaluations. */
import type { LogRecord } from '@coachloop/event-log';
import type { Moved } from '../deployment.ts';
import type { Ledger } from '../load/ledger.ts';
import { DAY_MS, type Site } from '../site.ts';
import { type Books, textOf } from './books.ts';
import { Windows } from './windows.ts';

/** One course, as it was assigned; a retake is assigned once more. */
interface Assignment {
  readonly assignmentId: string;
  readonly dueMs: number;
  /** When each step was taken, by the clock of whoever took it, ms. */
  readonly steps: number[];
  isCompleted: boolean;
  /** With what led to it: nobody need complete it any more. */
  isWithdrawn: boolean;
}

interface CaseSeen {
  assignment: Assignment | null;
  isEnded: boolean;
}

/** What is said of an assignment that nobody completes. */
interface Step {
  readonly name: string;
  /** After the one before it; of the first, after the due date. */
  readonly afterMs: number;
}

const CLOSED = 'training.case.closed';

export class Timers {
  readonly windows = new Windows();
  readonly #books: Books;
  readonly #steps: readonly Step[];
  readonly #known = new Set<string>();
  readonly #cases = new Map<string, CaseSeen>();
  /** Id of the event by which it was assigned → what became of it. */
  readonly #assigned = new Map<string, Assignment>();

  constructor({ triggers }: Pick<Site, 'triggers'>, books: Books) {
    this.#books = books;
    const { reminders, everyDays, endAfterDays } = triggers.overdue;
    const afterMs = everyDays * DAY_MS;
    const reminded = Array.from({ length: reminders }, (_, i) => ({ name: `training.reminded ${i + 1}`, afterMs }));
    this.#steps = [
      { name: 'training.overdue', afterMs: 0 },
      ...reminded,
      { name: 'training.escalated', afterMs },
      { name: CLOSED, afterMs: endAfterDays * DAY_MS },
    ];
  }

  /** Whatever comes again is passed over: that it is the same is seen by others. */
  add(record: LogRecord): void {
    const { topic, headers, value } = record;
    if (topic === 'evaluation.dead-letter') this.windows.addLetter(textOf(value));
    if (!/^(qa|training|evaluation)-events$/.test(topic)) return;
    const id = textOf(headers.ce_id);
    if (this.#known.has(id) || textOf(headers.ce_dataref) !== '') return; // what is by reference is a finding of others
    this.#known.add(id);
    const [type, atMs] = [textOf(headers.ce_type), Date.parse(textOf(headers.ce_time))];
    const data = JSON.parse(textOf(value)) as Record<string, unknown>;
    if (topic === 'training-events') this.#happened(type, id, atMs, data);
    else this.windows.happened(type, atMs, data, record);
  }

  #happened(type: string, id: string, atMs: number, data: Readonly<Record<string, unknown>>): void {
    const caseId = String(data.caseId);
    const seen: CaseSeen = this.#cases.get(caseId) ?? { assignment: null, isEnded: false };
    switch (type) {
      case 'training.assigned': {
        const { assignmentId, dueAt } = data as { assignmentId: string; dueAt: string };
        seen.assignment = { assignmentId, dueMs: Date.parse(dueAt), steps: [], isCompleted: false, isWithdrawn: false };
        this.#assigned.set(id, seen.assignment);
        break;
      }
      case 'training.completed':
        if (seen.assignment && seen.assignment.assignmentId === data.assignmentId) seen.assignment.isCompleted = true;
        break;
      case 'training.overdue':
        this.#step(type, atMs, seen.assignment, caseId);
        break;
      case 'training.reminded':
        this.#step(`${type} ${data.reminder}`, atMs, seen.assignment, caseId);
        break;
      case 'training.escalated':
        if (data.reason === 'overdue') this.#step(type, atMs, seen.assignment, caseId);
        break;
      case CLOSED:
        seen.isEnded = true;
        if (seen.assignment && data.outcome === 'withdrawn') seen.assignment.isWithdrawn = true;
        // What was completed, or withdrawn, ends without it.
        if (data.outcome === 'escalated' && seen.assignment && !seen.assignment.isCompleted)
          this.#step(type, atMs, seen.assignment, caseId);
        break;
      case 'training.case.opened':
        break;
      default:
        return;
    }
    this.#cases.set(caseId, seen);
  }

  #step(name: string, atMs: number, assignment: Assignment | null, caseId: string): void {
    if (assignment === null) {
      this.#books.wrong(`timer: ${name} of the case ${caseId}, in which nothing was assigned`);
      return;
    }
    const { assignmentId, steps, dueMs, isCompleted } = assignment;
    if (isCompleted) this.#books.wrong(`timer: ${name} of ${assignmentId}, which had been completed`);
    const wanted = this.#steps[steps.length];
    if (wanted?.name !== name)
      this.#books.wrong(`timer: ${name} of ${assignmentId} came when ${wanted?.name ?? 'nothing'} was to come`);
    const fromMs = steps.at(-1) ?? dueMs;
    const earlyMs = fromMs + (wanted?.afterMs ?? 0) - atMs;
    if (earlyMs > 0) this.#books.wrong(`timer: ${name} of ${assignmentId} came ${earlyMs} ms early`);
    steps.push(atMs);
  }

  /** At quiet, after so long that everything is due. */
  check(ledger: Pick<Ledger, 'unlearnt'>, moved: readonly Moved[]): void {
    for (const [caseId, { assignment, isEnded }] of this.#cases) {
      if (isEnded) continue;
      const next = assignment && !assignment.isCompleted ? this.#steps[assignment.steps.length]?.name : undefined;
      this.#books.wrong(
        next === undefined
          ? `timer: the case ${caseId} never ended`
          : `timer: lost: ${next} of ${assignment?.assignmentId}, which nobody completed`,
      );
    }
    for (const [eventId, assignmentId] of ledger.unlearnt) {
      const found = this.#assigned.get(eventId);
      if (found?.isCompleted) this.#books.wrong(`invented: somebody completed ${assignmentId}`);
      else if (found?.steps.length === 0 && !found.isWithdrawn)
        this.#books.wrong(`timer: nobody said that ${assignmentId} was overdue`);
    }
    this.windows.check(moved, this.#books);
  }

  /** Assignments that were overdue, and re-evaluations that were decided for their deadline. */
  get figures(): { readonly overdue: number; readonly deadlines: number } {
    const overdue = this.#assigned.values().filter(({ steps }) => steps.length > 0);
    return { overdue: [...overdue].length, deadlines: this.windows.forDeadline.length };
  }
}
