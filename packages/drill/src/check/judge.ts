/** What was sent against what is there: everything that must hold when all is quiet. */
import type { Deployment, Survived } from '../deployment.ts';
import type { LetterShown } from '../load/clerk.ts';
import type { Load } from '../load/load.ts';
import { PARTS } from '../load/pulse.ts';
import { RECIPIENT_TOPICS } from '../load/recipient.ts';
import type { Undisturbed } from '../reference.ts';
import type { Outcome } from '../run.ts';
import type { Site } from '../site.ts';
import { Books } from './books.ts';
import { checkCalls, checkReports } from './calls.ts';
import { type CaseShown, checkCases, checkOpen } from './cases.ts';
import { type AgentShown, checkChain, checkFigures, type Totals } from './chain.ts';
import { type Digest, EQUAL_KINDS } from './digests.ts';
import type { Hearing } from './hearing.ts';
import { checkEnds, checkLetters, failedOf, parkedAgain } from './letters.ts';
import { Timers } from './timers.ts';
import { checkWall, type Wall } from './wall.ts';

/** What was seen while the platform still ran. */
export interface Witnessed {
  readonly survived: readonly Survived[];
  readonly seconds: number;
  readonly digest: Digest;
  /** Before time passed: some are open. */
  readonly casesBefore: readonly CaseShown[];
  readonly cases: readonly CaseShown[];
  readonly letters: readonly LetterShown[];
  readonly agents: readonly AgentShown[];
  readonly totals: Totals;
  readonly wall: Wall;
}

export async function judge(
  seen: Witnessed & { readonly undisturbed: Undisturbed; readonly site: Site },
  load: Load,
  deployment: Deployment,
): Promise<Outcome> {
  const books = new Books();
  const timers = new Timers(seen.site, books);
  await deployment.read((record) => {
    books.add(record);
    timers.add(record);
  });
  checkCalls(load.ledger, books);
  checkReports(load.ledger, books);
  checkCases(seen.cases, books);
  checkOpen(seen.casesBefore, books);
  checkChain(books);
  timers.check(
    load.ledger,
    seen.survived.flatMap(({ moved }) => moved ?? []),
  );
  checkFigures(seen.agents, seen.totals, books);
  checkHeard(load.late.hearing, [...books.ids.keys()], books);
  checkHeard(load.recipient.hearing, RECIPIENT_TOPICS, books);
  const failing = seen.survived.flatMap(({ fault, recoveredMs }) =>
    fault.kind === 'defect' && recoveredMs !== null ? [fault.service] : [],
  );
  checkLetters(load.intruder, seen.letters, failing, books);
  if (load.clerk) checkEnds(load.clerk, seen.letters, books);
  for (const refusal of [...load.late.refused, ...load.learners.subscriber.refused, ...load.pulse.refused])
    books.wrong(`subscriber: refused with ${refusal}`);
  checkDigests(seen.digest, seen.undisturbed.digest, books);
  checkWall(seen.wall, seen.undisturbed.wall, books);
  for (const document of await deployment.fieldsLost())
    books.wrong(`newer release: ${document} has lost what it wrote`);
  const verified = await deployment.verify();
  if (verified !== null) books.wrong(`verify: ${verified}`);
  const figures = { ...figuresOf(seen, load, books), ...timers.figures };
  for (const part of [...(Object.keys(PARTS) as (keyof typeof PARTS)[]), 'poison' as const])
    if (figures[part] === 0) books.wrong(`load: there were no ${part}`);
  if (figures.overdue === 0) books.wrong('load: nothing was overdue');
  if (figures.tookByWebhook === 0) books.wrong('load: nothing came by the webhook');
  if (figures.secretsChanged === 0) books.wrong('load: no secret was changed');
  if (figures.lettersGivenUp === 0) books.wrong('load: no dead letter was given up');
  if (load.intruder && figures.poisonOnTheBus === 0) books.wrong('load: no stranger wrote anything');
  const setBack = seen.survived.flatMap(({ again }) => again ?? []);
  if (setBack.length > 0 && setBack.every((records) => records === 0)) books.wrong('load: nothing was read again');
  if (!seen.survived.some(({ recoveredMs }) => recoveredMs !== null)) books.wrong('load: no fault happened');
  const findings = [load.ledger.findings, books.findings];
  return {
    survived: seen.survived,
    violations: findings.flatMap(({ kept }) => kept),
    found: findings.reduce((sum, { count }) => sum + count, 0),
    figures,
    troubled: Object.fromEntries(load.client.troubled), // what troubled those aside did the same to these
  };
}

/** Whoever subscribed has heard of everything in the log, and of nothing else. */
function checkHeard(hearing: Hearing, topics: readonly string[], books: Books): void {
  const wanted = new Set(topics.flatMap((topic) => [...(books.ids.get(topic) ?? [])]));
  books.findings.addAll(hearing.missed(wanted));
}

function checkDigests(found: Digest, undisturbed: Digest, books: Books): void {
  for (const kind of EQUAL_KINDS) {
    const [is, was] = [found.kinds[kind], undisturbed.kinds[kind]];
    if (!is || !was || is.count !== was.count || is.digest !== was.digest)
      books.wrong(`digest: ${kind} are ${JSON.stringify(is)}, undisturbed ${JSON.stringify(was)}`);
  }
}

function figuresOf(
  { seconds }: Witnessed,
  { ledger, client, sender, late, recipient, intruder, clerk, pulse }: Load,
  books: Books,
) {
  const count = (type: string) => books.counts.get(type) ?? 0;
  return {
    seconds: Math.round(seconds),
    calls: sender.calls.begun,
    events: ledger.events,
    requests: client.acknowledged,
    requestsRepeated: client.repeated,
    longestRequestMs: Math.round(client.stallMsMax),
    longestSilenceMs: Math.round(pulse.silenceMsMax),
    poison: ledger.poisons,
    ...(intruder ? { poisonOnTheBus: intruder.written.size } : {}),
    ...(clerk
      ? {
          lettersGivenUp: clerk.discarded.size,
          lettersReplayed: failedOf(books).size,
          replays: clerk.replays,
          parkedAgain: parkedAgain(books),
        }
      : {}),
    records: books.records,
    repetitions: books.repetitions,
    evaluations: count(PARTS.evaluations),
    cases: count(PARTS.cases),
    completions: count(PARTS.completions),
    reEvaluations: count(PARTS.reEvaluations),
    readBySubscriber: late.hearing.ids.size,
    connectionsOfSubscriber: late.connections,
    tookByWebhook: recipient.hearing.ids.size,
    deliveriesOfWebhook: recipient.deliveries,
    secretsChanged: recipient.rotations,
  };
}
