/** `import`: recordings and events from files, with what was rejected and why. Repeating it changes nothing. */
import { ApiError, Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { documentsAt, filesAt } from '../files.ts';
import { Progress, printJson, printLine, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { Pool } from '../pool.ts';

export interface ImportOptions {
  readonly url: string;
  readonly format: 'auto' | 'vcon' | 'events';
  readonly source?: string;
  readonly openCases?: boolean;
  readonly json?: boolean;
}

interface Rejected {
  readonly source: string;
  /** JSON pointer into that file, or line. */
  readonly path: string;
  readonly reason: string;
}
/** What was accepted and is worth knowing: how often, and the first place, by code. */
type Warnings = Map<string, { count: number; source: string; path: string; reason: string }>;

interface Report {
  files: number;
  /** Of recordings; how many calls a number of events is about is not known before they are handled. */
  calls: number;
  events: number;
  accepted: number;
  duplicate: number;
  rejected: Rejected[];
}

/** One document to be sent, and where it came from. */
interface Item {
  readonly source: string;
  readonly path: string;
  readonly text: string;
  readonly kind: 'vcon' | 'event';
}

const REQUEST_ITEMS_MAX = 200;
const REQUEST_BYTES_MAX = 3 * 1024 * 1024;
const IN_FLIGHT = 2;

export async function importPaths(paths: readonly string[], options: ImportOptions): Promise<void> {
  const files = (await Promise.all(paths.map((path) => filesAt(userPath(path))))).flat();
  const report: Report = { files: files.length, calls: 0, events: 0, accepted: 0, duplicate: 0, rejected: [] };
  if (files.length === 0)
    throw new CliError('NOTHING_TO_IMPORT', `There is no .json, .ndjson or .vcon file at ${paths.join(', ')}.`);
  const warnings: Warnings = new Map();
  const client = new Client(options.url);
  const progress = new Progress('imported files');
  let done = 0;
  let batch: Item[] = [];
  let bytes = 0;
  const pool = new Pool(IN_FLIGHT);
  const flush = async () => {
    if (batch.length === 0) return;
    const items = batch;
    batch = [];
    bytes = 0;
    await pool.add(() => send(client, items, options, report, warnings));
  };
  for (const file of files) {
    for await (const item of itemsOf(file, options.format, report)) {
      const size = Buffer.byteLength(item.text);
      if (
        batch.length > 0 &&
        (batch[0]?.kind !== item.kind || batch.length >= REQUEST_ITEMS_MAX || bytes + size > REQUEST_BYTES_MAX)
      )
        await flush();
      batch.push(item);
      bytes += size;
    }
    done += 1;
    progress.update(
      done,
      files.length,
      `${report.accepted} accepted, ${report.duplicate} duplicate, ${report.rejected.length} rejected`,
    );
  }
  await flush();
  await pool.drained();
  progress.end(
    done,
    files.length,
    `${report.accepted} accepted, ${report.duplicate} duplicate, ${report.rejected.length} rejected`,
  );
  show(report, options.json === true);
  for (const [code, { count, source, path, reason }] of warnings)
    remark(`warning ${code}, ${count} times; the first: ${source} ${path || '(whole)'}: ${reason}`);
  if (report.rejected.length > 0) process.exitCode = 1;
}

function show(report: Report, json: boolean): void {
  report.rejected.sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0));
  if (json) {
    printJson(report);
    return;
  }
  printLine(
    `${report.files} files, ${whatIn(report)}: ${report.accepted} accepted, ${report.duplicate} duplicate; ${report.rejected.length} rejected`,
  );
  for (const { source, path, reason } of report.rejected)
    printLine(`rejected: ${source} ${path || '(whole)'}: ${reason}`);
}

const whatIn = ({ calls, events }: Report): string =>
  [...(calls > 0 || events === 0 ? [`${calls} calls`] : []), ...(events > 0 ? [`${events} events`] : [])].join(', ');

/** A file that cannot be read is rejected as a whole, and the others go on. */
async function* itemsOf(file: string, format: ImportOptions['format'], report: Report): AsyncIterable<Item> {
  try {
    for await (const { path, text } of documentsAt(file)) {
      const kind = kindOf(text, format);
      // Events go as one JSON array: a single line that is no JSON would make all of it unreadable.
      if (kind === 'vcon' || isJson(text)) yield { source: file, path, text, kind };
      else report.rejected.push({ source: file, path, reason: 'It is no JSON.' });
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    report.rejected.push({ source: file, path: '', reason: error.message });
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

const kindOf = (text: string, format: ImportOptions['format']): Item['kind'] => {
  if (format !== 'auto') return format === 'events' ? 'event' : 'vcon';
  return /"specversion"\s*:/.test(text.slice(0, 2_000)) && !/"vcon"\s*:/.test(text.slice(0, 2_000)) ? 'event' : 'vcon';
};

type Answer = Partial<Pick<Report, 'calls' | 'accepted' | 'duplicate'>> & {
  /** Why the whole request was refused. */
  readonly refused?: string;
  readonly warnings?: readonly {
    readonly index: number;
    readonly code: string;
    readonly path: string;
    readonly reason: string;
  }[];
  readonly rejected?: readonly {
    readonly index: number;
    readonly path?: string;
    readonly pointer?: string;
    readonly reason: string;
  }[];
};

async function send(
  client: Client,
  items: readonly Item[],
  options: ImportOptions,
  report: Report,
  warnings: Warnings,
): Promise<void> {
  const isEvents = items[0]?.kind === 'event';
  const answer = await (isEvents ? sendEvents(client, items) : sendVcons(client, items, options)).catch(
    (error: unknown): Answer => {
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      const said = (error.body ?? {}) as Answer;
      return said.rejected ? said : { refused: error.message };
    },
  );
  const { refused } = answer;
  const isWhole = isEvents && toldOf(answer) !== items.length;
  if (refused !== undefined || isWhole) {
    if (items.length > 1) {
      // Something made the whole request unreadable; nothing of it was taken. In halves, until it stands alone.
      const half = items.length >> 1;
      await send(client, items.slice(0, half), options, report, warnings);
      await send(client, items.slice(half), options, report, warnings);
      return;
    }
    const [item] = items;
    report.rejected.push({
      source: item?.source ?? '',
      path: item?.path ?? '',
      reason: refused ?? 'It was not answered.',
    });
    return;
  }
  const accepted = answer.accepted ?? 0;
  const duplicate = answer.duplicate ?? 0;
  report.accepted += accepted;
  report.duplicate += duplicate;
  if (isEvents) report.events += accepted + duplicate;
  else report.calls += answer.calls ?? accepted + duplicate;
  for (const { code, index, path, reason } of answer.warnings ?? []) {
    const { count = 0, ...first } = warnings.get(code) ?? { source: items[index]?.source ?? '', path, reason };
    warnings.set(code, { ...first, count: count + 1 });
  }
  for (const each of answer.rejected ?? []) {
    const item = items[each.index];
    const inside = each.path ?? each.pointer ?? '';
    report.rejected.push({
      source: item?.source ?? '',
      path: `${item?.path ?? ''}${item?.path.startsWith('line') && inside ? ' ' : ''}${inside}`,
      // The line is one of the request, not of the file, which `path` names.
      reason: each.reason.replace(/^Line \d+ is /, 'It is '),
    });
  }
}

const toldOf = ({ accepted = 0, duplicate = 0, rejected = [] }: Answer): number =>
  accepted + duplicate + rejected.length;

const sendVcons = (client: Client, items: readonly Item[], { source, openCases }: ImportOptions): Promise<Answer> => {
  const query = new URLSearchParams({ ...(source ? { source } : {}), ...(openCases ? { openCases: 'true' } : {}) });
  const body = items.map(({ text }) => text).join('\n');
  return client.post<Answer>(`/ingest/v1/vcons?${query}`, body, { contentType: 'application/x-ndjson' });
};

const sendEvents = (client: Client, items: readonly Item[]): Promise<Answer> =>
  client.post<Answer>('/ingest/v1/events', `[${items.map(({ text }) => text).join(',')}]`, {
    contentType: 'application/cloudevents-batch+json',
  });
