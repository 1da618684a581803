/** `score`: what the platform would say of the calls in a file, without a server. */
import { recordsOfVcon } from '@coachloop/call-ingest/records';
import { CallRecord, type EvaluationResult, faultOf } from '@coachloop/contracts';
import { formOf, scoreRecord } from '@coachloop/qa-scoring/score-record';
import { CliError } from '../errors.ts';
import { answerLines, titlesOf } from '../evidence.ts';
import { documentsAt, filesAt } from '../files.ts';
import { bold, clockOf, dim, momentOf, numberOf } from '../format.ts';
import { printJson, printLine, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { formsOfSite, siteFolder } from '../site/forms.ts';

export interface ScoreOptions {
  readonly form?: string;
  readonly json?: boolean;
}

export async function score(file: string, options: ScoreOptions): Promise<void> {
  const calls = await callsIn(file);
  const forms = formsOfSite(siteFolder());
  const form = options.form !== undefined && /\.ya?ml$/.test(options.form) ? userPath(options.form) : options.form;
  const scored = calls.map((call) => ({ call, evaluation: scoreRecord(call, form, forms) }));
  const evaluations = scored.flatMap(({ evaluation }) => evaluation ?? []);
  for (const { call, evaluation } of scored)
    if (!evaluation) {
      remark(`No form is for ${call.language ?? 'an unknown language'}, ${call.channel}: ${call.sourceCallId}`);
      process.exitCode = 1;
    }
  if (options.json) printJson(evaluations);
  else
    for (const evaluation of evaluations)
      show(evaluation, titlesOf(formOf(evaluation.form, form, forms), evaluation.language));
}

/** The calls of all documents of the file: one, the items of an array, or the lines of NDJSON. What makes none is told, and the others are kept. */
async function callsIn(file: string): Promise<readonly CallRecord[]> {
  const path = userPath(file);
  const [only] = await filesAt(path);
  if (only !== path) throw new CliError('FILE_UNREADABLE', `${path} is a folder; name one file.`);
  const records: CallRecord[] = [];
  const faults: CliError[] = [];
  for await (const document of documentsAt(path)) {
    const where = document.path === '' ? path : `${path} ${document.path}`;
    try {
      records.push(...recordsIn(jsonOf(document.text, where), where));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      faults.push(error);
    }
  }
  if (records.length === 0) throw faults[0] ?? new CliError('NOT_SCORABLE', `${path} is empty.`);
  for (const { message } of faults) remark(`rejected: ${message}`);
  if (faults.length > 0) process.exitCode = 1;
  return records;
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const hint = isJson(text.split(/(?<=\})\s+(?=\{)/)[0] ?? '')
      ? ' Where each line is a document, the name ends in .ndjson.'
      : '';
    throw new CliError('FILE_UNREADABLE', `${where} is no JSON: ${(error as Error).message}.${hint}`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function recordsIn(value: unknown, where: string): readonly CallRecord[] {
  if (isFields(value) && 'callId' in value) return [recordIn(value, where)];
  // What `coachloop events --types call.completed` prints.
  if (isFields(value) && 'specversion' in value && isFields(value.data)) return [recordIn(value.data, where)];
  const { records, rejected } = recordsOfVcon(value, Date.now());
  if (records.length === 0) {
    const [first] = rejected;
    const fault = first ? `${first.path || '(whole)'}: ${first.reason}` : 'there is no call in it.';
    throw new CliError('NOT_SCORABLE', `${where}: ${fault}`);
  }
  for (const { path, reason } of rejected) {
    remark(`rejected: ${where} ${path || '(whole)'}: ${reason}`);
    process.exitCode = 1;
  }
  return records;
}

function recordIn({ stage: _, ...value }: Readonly<Record<string, unknown>>, where: string): CallRecord {
  const fault = faultOf(CallRecord, value);
  if (fault) throw new CliError('NOT_SCORABLE', `${where} is no call record: ${fault.pointer} ${fault.message}.`);
  return value as unknown as CallRecord;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function show(evaluation: EvaluationResult, titles: ReturnType<typeof titlesOf>): void {
  const { form, score, passMark, passed, autoFailedBy, criticalScore, answers, competencies } = evaluation;
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
