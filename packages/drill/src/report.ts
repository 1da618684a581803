/** What is told at the end: faults, figures, findings. */
import { FROZEN_ANYWHERE, NOT_PASSED, type Survived } from './deployment.ts';
import type { Outcome } from './run.ts';
import type { Fault } from './schedule.ts';

export interface FaultRow {
  readonly fault: string;
  /** 0: nobody plans that a point is not passed. */
  readonly planned: number;
  readonly survived: number;
  /** ms; null: none was. */
  readonly recoveredMsMax: number | null;
  readonly notRun?: string;
}

/** What it became. */
const rowOf = ({ fault, note }: Survived): string => {
  if (note === NOT_PASSED) return 'kill -9, its point not passed in time';
  if (note === FROZEN_ANYWHERE) return 'SIGSTOP, its point not passed in time';
  return plannedRowOf(fault);
};

const plannedRowOf = (fault: Fault): string => {
  switch (fault.kind) {
    case 'crash':
      return `kill -9 at ${fault.point} of ${fault.service}`;
    case 'kill':
      return 'kill -9 at a random moment';
    case 'disk-full':
      return 'disk full';
    case 'restart':
      return 'stop and start in order';
    case 'kill-one':
      return `kill -9 of ${fault.service}`;
    case 'freeze':
      return 'SIGSTOP beyond the session, then SIGCONT';
    case 'freeze-at':
      return `SIGSTOP at ${fault.point}, then SIGCONT`;
    case 'service-down':
      return 'a service down, and kill -9 as it catches up';
    case 'hours-later':
      return 'a service down, and hours later kill -9';
    case 'broker-killed':
      return 'kill -9 of the broker, started again';
    case 'store-killed':
      return 'kill -9 of the database, started again';
    case 'store-slow':
      return 'the database is slow';
    case 'instance-added':
      return 'an instance added';
    case 'instance-removed':
      return 'an instance removed: SIGTERM, exit 0';
    case 'read-again':
      return 'a group set back: everything is read again';
    case 'defect':
      return 'a release that fails, then replays';
    case 'newer-release':
      return 'a newer release writes fields of its own';
    case 'clock':
      return 'the clock of a process up to 1 h off';
  }
};

export function faultTable(survived: readonly Survived[]): readonly FaultRow[] {
  const planned = Map.groupBy(survived, ({ fault }) => plannedRowOf(fault));
  const rows = Map.groupBy(survived, rowOf);
  return [...new Set([...planned.keys(), ...rows.keys()])]
    .map((fault) => {
      const list = rows.get(fault) ?? [];
      const times = list.flatMap(({ recoveredMs }) => recoveredMs ?? []);
      const notRun = list.find((each) => each.notRun !== undefined)?.notRun;
      return {
        fault,
        planned: planned.get(fault)?.length ?? 0,
        survived: times.length,
        recoveredMsMax: times.length === 0 ? null : Math.round(Math.max(...times)),
        ...(notRun === undefined ? {} : { notRun }),
      };
    })
    .toSorted((a, b) => (a.fault < b.fault ? -1 : 1));
}

export function* reportLines({ survived, violations, figures, troubled }: Outcome): Generator<string> {
  yield '';
  yield `${'FAULT'.padEnd(46)}${'PLANNED'.padStart(8)}${'SURVIVED'.padStart(10)}${'LONGEST RECOVERY'.padStart(18)}`;
  for (const { fault, planned, survived: times, recoveredMsMax, notRun } of faultTable(survived)) {
    const longest = recoveredMsMax === null ? '' : `${(recoveredMsMax / 1_000).toFixed(1)} s`;
    yield `${fault.padEnd(46)}${(planned === 0 ? '' : String(planned)).padStart(8)}${String(times).padStart(10)}${longest.padStart(18)}${notRun ? `  not run: ${notRun}` : ''}`;
  }
  yield '';
  for (const [name, value] of Object.entries(figures)) yield `${name.padEnd(28)}${value.toLocaleString('en')}`;
  for (const [name, count] of Object.entries(troubled)) yield `answers ${name}: ${count} (repeated)`;
  yield '';
  for (const violation of violations) yield violation;
}
