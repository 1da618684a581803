/** What was sent and acknowledged: the books of the sender, by which the platform's are judged. */
import { type CloudEventJson, callIdOf } from '@coachloop/contracts';
import { Findings } from '../findings.ts';

export interface SentCall {
  /** Id of the event as sent → its type. */
  readonly events: Map<string, string>;
}

export type ReportEffect = 'accepted' | 'duplicate' | 'ignored';
export interface SentReport {
  readonly assignmentId: string;
  readonly sourceId: string;
  readonly kind: 'start' | 'completion';
  readonly effect: ReportEffect;
  /** Of its case, after it. */
  readonly stage: string;
}

export class Ledger {
  /** By the platform's id of the call. */
  readonly calls = new Map<string, SentCall>();
  readonly agentStates = new Set<string>();
  readonly reports = new Map<string, SentReport>();
  /** Id of the event by which it was assigned → an assignment of which nobody will ever report that it was completed. */
  readonly unlearnt = new Map<string, string>();
  poisons = 0;
  events = 0;
  /** What was wrong with answers. */
  readonly findings = new Findings();

  acknowledged({ id, source, type, data }: CloudEventJson): void {
    const { callId } = Object(data) as { callId?: string };
    if (callId === undefined) {
      if (!this.agentStates.has(id)) this.events += 1;
      this.agentStates.add(id);
      return;
    }
    const key = callIdOf(source, callId);
    const call = this.calls.get(key) ?? { events: new Map() };
    if (!call.events.has(id)) this.events += 1;
    call.events.set(id, type);
    this.calls.set(key, call);
  }

  /** Of answers to one report the first that says more than "known" counts. */
  reported(report: SentReport): void {
    const key = `${report.kind}/${report.sourceId}`;
    const before = this.reports.get(key);
    if (!before || before.effect === 'duplicate') this.reports.set(key, report);
  }

  wrong(what: string): void {
    this.findings.add(what);
  }
}
