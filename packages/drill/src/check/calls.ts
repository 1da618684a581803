/** Each call that was acknowledged is there, exactly once, with everything that was said of it, and with its evaluation. */
import type { Ledger } from '../load/ledger.ts';
import type { Books } from './books.ts';

export function checkCalls(ledger: Ledger, books: Books): void {
  for (const [callId, sent] of ledger.calls) {
    const said = books.calls.get(callId) ?? new Map<string, number>();
    const wanted = new Map<string, number>();
    for (const type of sent.events.values()) wanted.set(type, (wanted.get(type) ?? 0) + 1);
    for (const [type, count] of wanted) {
      const found = said.get(type) ?? 0;
      if (found < count) books.wrong(`lost: ${count - found} of ${count} ${type} of the call ${callId}`);
      if (found > count) books.wrong(`doubled: ${found - count} of ${count} ${type} of the call ${callId}`);
    }
    for (const type of said.keys())
      if (!wanted.has(type) && type !== 'call.completed' && type !== 'call.revised')
        books.wrong(`invented: ${type} of the call ${callId} was never sent`);
    if (!said.has('call.completed')) books.wrong(`lost: the call ${callId} was never completed`);
    const isAbandoned = wanted.has('call.abandoned');
    if (isAbandoned !== books.abandoned.has(callId)) books.wrong(`wrong: the call ${callId} was abandoned or not`);
    if (!isAbandoned && !books.evaluated.has(callId)) books.wrong(`lost: the evaluation of the call ${callId}`);
    if (isAbandoned && books.evaluated.has(callId))
      books.wrong(`invented: an evaluation of the abandoned call ${callId}`);
    if (books.evaluated.has(callId) && !books.triggered.has(callId))
      books.wrong(`lost: nobody looked whether the call ${callId} calls for training`);
  }
  for (const callId of books.calls.keys())
    if (!ledger.calls.has(callId)) books.wrong(`invented: the call ${callId} was never acknowledged`);
}

/** What was reported of trainings had its effect once, or none, as the answer said. */
export function checkReports(ledger: Ledger, books: Books): void {
  for (const { kind, sourceId, assignmentId, effect, stage } of ledger.reports.values()) {
    if (kind !== 'completion') continue;
    const found = books.completions.get(sourceId) ?? 0;
    if (effect === 'accepted' && found !== 1)
      books.wrong(
        `${found === 0 ? 'lost' : 'doubled'}: the completion ${sourceId} of ${assignmentId} is there ${found} times`,
      );
    // Its first answer was lost; this one tells where the case had come to by it.
    if (effect === 'duplicate' && stage === 'trained' && found === 0)
      books.wrong(`lost: the completion ${sourceId} of ${assignmentId} is known, and is not there`);
    if (effect === 'ignored' && found > 0) books.wrong(`invented: the completion ${sourceId} was ignored, and counts`);
  }
  checkStarts(ledger, books);
  for (const sourceId of books.completions.keys())
    if (!ledger.reports.has(`completion/${sourceId}`))
      books.wrong(`invented: the completion ${sourceId} was never acknowledged`);
}

/** An assignment can begin again, with a retake. Where nothing but "known" was answered, it did or did not. */
function checkStarts(ledger: Ledger, books: Books): void {
  const starts = [...ledger.reports.values()].filter(({ kind }) => kind === 'start');
  const reported = Map.groupBy(starts, ({ assignmentId }) => assignmentId);
  const begun = Map.groupBy(books.happenings.get('training.started') ?? [], (each) => String(each.assignmentId));
  for (const assignmentId of new Set([...reported.keys(), ...begun.keys()])) {
    const [found, list] = [begun.get(assignmentId)?.length ?? 0, reported.get(assignmentId) ?? []];
    const least = list.filter(({ effect }) => effect === 'accepted').length;
    const most = least + list.filter(({ effect }) => effect === 'duplicate').length;
    if (found < least) books.wrong(`lost: ${least - found} of ${least} starts of ${assignmentId}`);
    if (found > most) books.wrong(`invented: ${found} starts of ${assignmentId}, of ${most} that were reported`);
  }
}
