/** `score`: what the platform would say of the calls in a file, without a server. */
import { recordsOfVcon } from '@coachloop/call-ingest/records';
import { CallRecord, type EvaluationResult, faultOf } from '@coachloop/contracts';
import { formOf, scoreRecord } from '@coachloop/qa-scoring/score-record';
import { CliError } from '../errors.ts';
import { answerLines, titlesOf } from '../evidence.ts';
import { readText } from '../files.ts';
import { bold, clockOf, dim, momentOf, numberOf } from '../format.ts';
import { printJson, printLine, remark } from '../output.ts';
import { userPath } from '../paths.ts';

export interface ScoreOptions {
  readonly form?: string;
  readonly json?: boolean;
}

export async function score(file: string, options: ScoreOptions): Promise<void> {
  const calls = callsIn(await jsonIn(file), file);
  const form = options.form !== undefined && /\.ya?ml$/.test(options.form) ? userPath(options.form) : options.form;
  const scored = calls.map((call) => ({ call, evaluation: scoreRecord(call, form) }));
  const evaluations = scored.flatMap(({ evaluation }) => evaluation ?? []);
  for (const { call, evaluation } of scored)
    if (!evaluation) {
      remark(`No form is for ${call.language ?? 'an unknown language'}, ${call.channel}: ${call.sourceCallId}`);
      process.exitCode = 1;
    }
  if (options.json) printJson(evaluations);
  else for (const evaluation of evaluations) show(evaluation, form);
}

async function jsonIn(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError('FILE_UNREADABLE', `${userPath(file)} is no JSON: ${(error as Error).message}.`);
  }
}

function callsIn(value: unknown, file: string): readonly CallRecord[] {
  if (isFields(value) && 'callId' in value) return [recordIn(value, file)];
  // What `coachloop events --types call.completed` prints.
  if (isFields(value) && 'specversion' in value && isFields(value.data)) return [recordIn(value.data, file)];
  const { records, rejected } = recordsOfVcon(value, Date.now());
  if (records.length === 0) {
    const [first] = rejected;
    const fault = first ? `${first.path || '(whole)'}: ${first.reason}` : 'there is no call in it.';
    throw new CliError('NOT_SCORABLE', `${userPath(file)}: ${fault}`);
  }
  for (const { path, reason } of rejected) {
    remark(`rejected: ${file} ${path || '(whole)'}: ${reason}`);
    process.exitCode = 1;
  }
  return records;
}

function recordIn({ stage: _, ...value }: Readonly<Record<string, unknown>>, file: string): CallRecord {
  const fault = faultOf(CallRecord, value);
  if (fault)
    throw new CliError('NOT_SCORABLE', `${userPath(file)} is no call record: ${fault.pointer} ${fault.message}.`);
  return value as unknown as CallRecord;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function show(evaluation: EvaluationResult, formName: string | undefined): void {
  const { form, score, passMark, passed, autoFailedBy, criticalScore, answers, competencies } = evaluation;
  const titles = titlesOf(formOf(form, formName), evaluation.language);
  const lengthMs = Date.parse(evaluation.callEndedAt) - Date.parse(evaluation.callStartedAt);
  const verdict = passed === null ? 'nothing could be answered' : passed ? 'passed' : 'failed';
  printLine(
    bold(`${numberOf(score)} of 100, ${verdict}`) +
      `  (pass mark ${numberOf(passMark)}, critical score ${numberOf(criticalScore)}, form ${form.id} version ${form.version})`,
  );
  if (autoFailedBy.length > 0) printLine(`Failed automatically by: ${autoFailedBy.join(', ')}`);
  printLine(
    `Call ${evaluation.callId} of ${evaluation.agentName ?? evaluation.agentKey ?? evaluation.agentId}: ${[
      evaluation.channel,
      evaluation.language ?? 'language unknown',
      momentOf(evaluation.callStartedAt),
      clockOf(lengthMs),
    ].join(', ')}`,
  );
  for (const { competency, score: mean, answered } of competencies) {
    printLine('');
    printLine(`${competency}  ${dim(`${numberOf(mean)} from ${answered} answered`)}`);
    for (const answer of answers.filter((each) => each.competency === competency))
      for (const line of answerLines(answer, titles)) printLine(line);
  }
  printLine('');
}
