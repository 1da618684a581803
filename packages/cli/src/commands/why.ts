/** `why`: a case with everything that led to it and came of it, readable from top to bottom. */
import type { EvaluationResult } from '@coachloop/contracts';
import { ApiError, Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { evidenceLine, type Titles, titlesOf } from '../evidence.ts';
import { bold, clockOf, dim, markOf, momentOf, numberOf, signed } from '../format.ts';
import { printJson, printLine } from '../output.ts';
import type { CallFacts, CaseDetail, SampleView, Scorecard } from './why-shapes.ts';

export interface WhyOptions {
  readonly url: string;
  readonly json?: boolean;
}

/** The whole chain. `calls` and `evaluations` hold what the case names, by call id, as far as it is still there. */
export interface Chain {
  readonly case: CaseDetail;
  readonly scorecard: Scorecard | null;
  readonly calls: Readonly<Record<string, CallFacts>>;
  readonly evaluations: Readonly<Record<string, EvaluationResult>>;
}

export async function why(caseId: string, options: WhyOptions): Promise<void> {
  const chain = await chainOf(new Client(options.url), caseId);
  if (options.json) printJson(chain);
  else for (const line of story(chain)) printLine(line);
}

async function chainOf(client: Client, caseId: string): Promise<Chain> {
  const path = `/training/v1/cases/${encodeURIComponent(caseId)}`;
  const found = await client.get<CaseDetail>(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 400)
      throw new CliError('ARGUMENT_INVALID', `There is no case ${caseId}; \`coachloop cases\` lists them.`);
    throw error;
  });
  const ids = new Set([
    ...found.trigger.calls.map(({ callId }) => callId),
    ...found.reEvaluations.flatMap(({ before, after }) =>
      [...before.calls, ...(after?.calls ?? [])].map(({ callId }) => callId),
    ),
  ]);
  const calls: Record<string, CallFacts> = {};
  const evaluations: Record<string, EvaluationResult> = {};
  for (const id of ids) {
    const [call, page] = await Promise.all([
      orNothing(client.get<CallFacts & { transcript?: unknown }>(`/ingest/v1/calls/${id}`)),
      client.get<{ items: readonly EvaluationResult[] }>(`/qa/v1/evaluations?callId=${id}`),
    ]);
    if (call) {
      const { transcript: _, ...facts } = call;
      calls[id] = facts;
    }
    const [evaluation] = page.items;
    if (evaluation) evaluations[id] = evaluation;
  }
  const { id, version } = found.form;
  const scorecard = await orNothing(client.get<Scorecard>(`/qa/v1/scorecards/${encodeURIComponent(id)}/${version}`));
  return { case: found, scorecard, calls, evaluations };
}

async function orNothing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

function* story(chain: Chain): Generator<string> {
  const { case: found, scorecard } = chain;
  const language = Object.values(chain.evaluations)[0]?.language;
  const titles = titlesOf(scorecard, language);
  yield bold(`${found.agentName ?? found.agentKey ?? found.agentId}: ${found.competency}, ${stageOf(found)}`);
  yield `Case ${found.caseId}, opened ${momentOf(found.openedAt)}, form ${found.form.id} version ${found.form.version}`;
  if (found.traceId !== undefined) yield dim(`Trace ${found.traceId}`);
  yield '';
  yield* cause(chain, titles);
  for (const [i, assignment] of found.assignments.entries()) {
    const { course, assignedAt, dueAt, startedAt, completedAt, passed, score, retake } = assignment;
    yield '';
    yield bold(`Course ${i + 1}: ${course.title}`) +
      dim(`  ${course.id} version ${course.version}, ${course.minutes} min`);
    const again = retake > 0 ? ` (taken again ${retake} times)` : '';
    yield `  assigned ${momentOf(assignedAt)}${again}, due ${momentOf(dueAt)}, begun ${startedAt ? momentOf(startedAt) : '–'}`;
    const result = `${passed ? 'passed' : 'not passed'}${score === null ? '' : ` with ${numberOf(score)}`}`;
    yield `  ${completedAt === null ? 'not completed' : `completed ${momentOf(completedAt)}: ${result}`}`;
    for (const each of found.reEvaluations.filter(({ assignmentId }) => assignmentId === assignment.assignmentId))
      yield* reEvaluation(each, chain);
  }
  for (const { reason, at } of found.escalations) yield `\nEscalated ${momentOf(at)}: ${reason}`;
  yield '';
  yield bold(`Outcome: ${found.outcome ?? 'still open'}`) + (found.closedAt ? `, ${momentOf(found.closedAt)}` : '');
}

const stageOf = ({ stage, outcome }: CaseDetail): string =>
  outcome === null || outcome === stage ? stage : `${stage} (${outcome})`;

const RULES: Readonly<Record<string, (trigger: CaseDetail['trigger'], question: string) => string>> = {
  'critical-failure': ({ observed }, question) =>
    `a critical question failed${observed > 1 ? ` on ${observed} calls` : ''}: ${question}`,
  'consecutive-fails': ({ observed, threshold }, question) =>
    `${observed} calls in a row failed ${question} (limit ${threshold})`,
  'low-moving-score': ({ observed, threshold }) =>
    `the mean score fell to ${numberOf(observed)} (limit ${numberOf(threshold)})`,
  'low-level': ({ observed, threshold, calls, mean = 0, confidence = 0 }) =>
    `${calls.length} calls scored ${numberOf(mean)} on average: at ${numberOf(100 * confidence)} % confidence the level is at most ${numberOf(observed)}, below the ${numberOf(threshold)} asked for`,
};

const missedIn = (calls: CaseDetail['trigger']['calls']): readonly string[] => [
  ...new Set(calls.flatMap(({ questions }) => questions.flatMap((q) => (q.value === 'no' ? [q.questionId] : [])))),
];

function* cause(chain: Chain, titles: Titles): Generator<string> {
  const { trigger } = chain.case;
  const { rule, policyVersion, calls } = trigger;
  const about = trigger.questionId === undefined ? missedIn(calls) : [trigger.questionId];
  const said = RULES[rule]?.(trigger, about.map((id) => titles.get(id) ?? id).join(', ')) ?? rule;
  yield bold(`Why: ${said}`) + dim(`  rule ${rule}, policy version ${policyVersion}`);
  for (const { callId, callEndedAt, score, questions } of calls) {
    yield `  ${callLine(chain, callId, callEndedAt, score)}`;
    for (const { questionId: id, value, evidence } of questions) {
      yield `    ${markOf(value)} ${titles.get(id) ?? id}  ${dim(id)}`;
      for (const each of evidence) yield `        ${evidenceLine(each)}`;
    }
  }
}

function callLine({ calls, evaluations }: Chain, callId: string, endedAt: string, score: number | null): string {
  const call = calls[callId];
  const lengthMs = call?.endedAt === undefined ? null : Date.parse(call.endedAt) - Date.parse(call.startedAt);
  const facts = [
    ...(call === undefined ? [] : [call.channel]),
    ...(call?.queue === undefined ? [] : [call.queue]),
    ...(lengthMs === null ? [] : [clockOf(lengthMs)]),
  ];
  const whole = evaluations[callId];
  return `${momentOf(endedAt)}  ${numberOf(score).padStart(5)} ${dim(`(call ${numberOf(whole?.score)}; ${facts.join(', ')})  ${callId}`)}`;
}

function* reEvaluation(each: CaseDetail['reEvaluations'][number], chain: Chain): Generator<string> {
  const { before, after, difference, interval80, passMark, outcome, openedAt, calls } = each;
  yield `  The latest calls before the first course was done, by the case's form:`;
  for (const call of before.calls) yield `    ${callLine(chain, call.callId, call.endedAt, call.score)}`;
  yield `  Calls begun after ${momentOf(openedAt)}${calls === null ? '' : `, the next ${calls}`}:`;
  for (const call of after?.calls ?? []) yield `    ${callLine(chain, call.callId, call.endedAt, call.score)}`;
  yield `  ${meanLine('before', before)}${after ? `, ${meanLine('after', after)}` : ''}`;
  if (outcome === null) {
    yield '  no result yet';
    return;
  }
  const interval = interval80 ? `, 80 % interval ${signed(interval80.low)} to ${signed(interval80.high)}` : '';
  yield `  difference ${signed(difference)}${interval}, pass mark ${numberOf(passMark)}: ${bold(outcome)}`;
  if (outcome === 'held')
    yield dim(
      '  held: at the mark before and after, and what opened the case did not come back; no improvement was measured',
    );
}

const meanLine = (name: string, { mean, n }: SampleView): string => `${name} ${numberOf(mean)} (${n} calls)`;
