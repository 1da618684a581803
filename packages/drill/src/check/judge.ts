/** What was sent against what is there: everything that must hold when all is quiet. */
import type { Deployment, Survived } from '../deployment.ts';
import type { LateReader } from '../load/late-reader.ts';
import type { Load } from '../load/load.ts';
import { PARTS } from '../load/pulse.ts';
import type { Outcome } from '../run.ts';
import { Books } from './books.ts';
import { checkCalls, checkReports } from './calls.ts';
import { type CaseShown, checkCases } from './cases.ts';
import { type AgentShown, checkChain, checkFigures, type Totals } from './chain.ts';
import { type Digest, EQUAL_KINDS } from './digests.ts';
import { checkLetters } from './letters.ts';

/** What was seen while the platform still ran. */
export interface Witnessed {
  readonly survived: readonly Survived[];
  readonly seconds: number;
  readonly digest: Digest;
  readonly cases: readonly CaseShown[];
  readonly letters: readonly string[];
  readonly agents: readonly AgentShown[];
  readonly totals: Totals;
}

export async function judge(
  seen: Witnessed & { readonly undisturbed: Digest },
  load: Load,
  deployment: Deployment,
): Promise<Outcome> {
  const books = new Books();
  await deployment.read((record) => books.add(record));
  checkCalls(load.ledger, books);
  checkReports(load.ledger, books);
  checkCases(seen.cases, books);
  checkChain(books);
  checkFigures(seen.agents, seen.totals, books);
  checkReader(load.late, books);
  checkLetters(load.intruder, seen.letters, books);
  for (const refusal of load.learners.subscriber.refused) books.wrong(`subscriber: refused with ${refusal}`);
  checkDigests(seen.digest, seen.undisturbed, books);
  const verified = await deployment.verify();
  if (verified !== null) books.wrong(`verify: ${verified}`);
  const figures = figuresOf(seen, load, books);
  for (const part of [...(Object.keys(PARTS) as (keyof typeof PARTS)[]), 'poison' as const])
    if (figures[part] === 0) books.wrong(`load: there were no ${part}`);
  if (load.intruder && figures.poisonOnTheBus === 0) books.wrong('load: no stranger wrote anything');
  if (!seen.survived.some(({ recoveredMs }) => recoveredMs !== null)) books.wrong('load: no fault happened');
  const findings = [load.ledger.findings, books.findings];
  return {
    survived: seen.survived,
    violations: findings.flatMap(({ kept }) => kept),
    found: findings.reduce((sum, { count }) => sum + count, 0),
    figures,
    troubled: Object.fromEntries(load.client.troubled),
  };
}

/** Whoever subscribed late has heard of everything in the log, and of nothing else. */
function checkReader({ ids, findings, refused }: LateReader, books: Books): void {
  books.findings.addAll(findings);
  for (const refusal of refused) books.wrong(`subscriber: refused with ${refusal}`);
  const missing = books.ids
    .keys()
    .filter((id) => !ids.has(id))
    .toArray().length;
  const more = ids.size + missing - books.ids.size;
  if (missing > 0) books.wrong(`subscriber: ${missing} of ${books.ids.size} events never came`);
  if (more > 0) books.wrong(`subscriber: ${more} events came that are not in the log`);
}

function checkDigests(found: Digest, undisturbed: Digest, books: Books): void {
  for (const kind of EQUAL_KINDS) {
    const [is, was] = [found.kinds[kind], undisturbed.kinds[kind]];
    if (!is || !was || is.count !== was.count || is.digest !== was.digest)
      books.wrong(`digest: ${kind} are ${JSON.stringify(is)}, undisturbed ${JSON.stringify(was)}`);
  }
}

function figuresOf({ seconds }: Witnessed, { ledger, client, sender, late, intruder, pulse }: Load, books: Books) {
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
    records: books.records,
    repetitions: books.repetitions,
    evaluations: count(PARTS.evaluations),
    cases: count(PARTS.cases),
    completions: count(PARTS.completions),
    reEvaluations: count(PARTS.reEvaluations),
    readBySubscriber: late.ids.size,
    connectionsOfSubscriber: late.connections,
  };
}
