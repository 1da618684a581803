/** POST /ingest/v1/vcons: conversations from files. */
import { Problem } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, toProblem } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import type { CallIngestOptions, IngestBounds } from '../service.ts';
import { text } from '../sources/json.ts';
import type { Mapped, MappedCall, Piece, RawRequest } from '../sources/source.ts';
import { mapVcon } from '../sources/vcon/source.ts';
import { bytesOf, deliver, problem, rawScope, refusalOf, textOf } from './receive.ts';

const Note = Type.Object({
  index: Type.Integer({ minimum: 0, description: 'Which vCon of the request, from 0' }),
  path: Type.String({ description: 'JSON pointer into that vCon' }),
  code: Type.String(),
  reason: Type.String(),
});
type Note = Static<typeof Note>;

export const VconReport = Type.Object({
  files: Type.Integer({ description: 'vCons in the request' }),
  calls: Type.Integer({ description: 'accepted + duplicate' }),
  accepted: Type.Integer({ description: 'Calls of which something was new' }),
  duplicate: Type.Integer({ description: 'Calls that were there already, word for word' }),
  rejected: Type.Array(Note),
  warnings: Type.Array(Note, { description: 'Accepted, but worth knowing; at most 1,000' }),
});
type VconReport = Static<typeof VconReport>;

const Query = Type.Object({
  source: Type.String({
    minLength: 1,
    maxLength: 200,
    default: 'vcon',
    description: 'CloudEvents source of the calls; the id of a call is made from it and the uuid',
  }),
  openCases: Type.Boolean({ default: false, description: 'Open cases although the calls are old' }),
});

const DESCRIPTION = `One vCon or an array of them as \`application/json\`, or one per line as \`application/x-ndjson\`. All published
drafts are read, signed ones without checking the signature. One vCon makes 0 to n calls; what makes none is in \`rejected\` with the
path to blame, and the others are kept. Sending the same again changes nothing: its calls are counted as duplicates. When no call
could be accepted the answer is a problem (422) with the same report in it.`;

const WARNINGS_MAX = 1_000;

export const vconRoutes = (app: App, service: ServiceContext, { customerKey, bounds }: CallIngestOptions): Promise<void> =>
  rawScope(app, bounds.vconsBodyBytes, (scope) => {
    scope.post(
      '/ingest/v1/vcons',
      {
        bodyLimit: bounds.vconsBodyBytes,
        schema: {
          tags: ['ingest'],
          summary: 'Import conversations (vCon)',
          description: DESCRIPTION,
          consumes: ['application/json', 'application/x-ndjson'],
          querystring: Query,
          response: { 202: VconReport, 422: Type.Object({ ...Problem.properties, ...VconReport.properties }) },
        },
      },
      async (request, reply) => {
        const { headers, query } = request;
        const body = bytesOf(request.body);
        const pieces = splitVcons({ headers, contentType: headers['content-type'] ?? '', body }, bounds);
        const mapped = pieces.map((piece) => mapPiece(piece, query));
        const report = await deliverCalls(service, mapped, { customerKey, traceparent: text(headers.traceparent) });
        const first = report.rejected[0];
        if (report.calls > 0 || !first) return reply.code(202).send(report);
        const nothing = problem('INGEST_NOTHING_ACCEPTED', first.reason, { pointer: first.path, status: 422 });
        const said = pieces.length === 1 ? { ...toProblem(nothing), code: first.code } : toProblem(nothing);
        return reply.code(422).type('application/problem+json').send({ ...said, ...report });
      },
    );
  });

const mapPiece = (piece: Piece, options: Static<typeof Query>): Mapped =>
  'fault' in piece ? { calls: [], rejected: [piece.fault], warnings: [] } : mapVcon(piece.value, options);

/** @throws HttpProblem where nothing can be read. */
export function splitVcons({ contentType, body }: RawRequest, bounds: IngestBounds): readonly Piece[] {
  const media = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const lines = /^application\/(x-)?(ndjson|jsonl|jsonlines)$/.test(media);
  if (!lines && !/^application\/(json|vcon|vcon\+json|jose\+json)$/.test(media))
    throw problem('INGEST_MEDIA_TYPE', `${JSON.stringify(media.slice(0, 60))} is neither application/json nor application/x-ndjson.`);
  const pieces = lines ? splitLines(textOf(body)) : splitJson(textOf(body));
  if (pieces.length <= bounds.items) return pieces;
  throw problem('INGEST_TOO_MANY_ITEMS', `There are ${pieces.length} vCons in the request.`);
}

function splitJson(body: string): readonly Piece[] {
  try {
    const value: unknown = JSON.parse(body);
    return (Array.isArray(value) ? value : [value]).map((each: unknown) => ({ value: each }));
  } catch (error) {
    throw problem('INGEST_BODY_UNREADABLE', `The body is no JSON: ${reasonOf(error)}.`);
  }
}

const splitLines = (body: string): readonly Piece[] =>
  body.split('\n').flatMap((line, index): Piece[] => {
    if (line.trim() === '') return [];
    try {
      return [{ value: JSON.parse(line) }];
    } catch (error) {
      return [{ fault: { code: 'VCON_MALFORMED_JSON', path: '', reason: `Line ${index + 1} is no JSON: ${reasonOf(error)}.` } }];
    }
  });

/** The parser's words without the sender's: those may be somebody's personal data. */
const reasonOf = (error: unknown): string => {
  const place = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined;
  return place === undefined ? 'it is cut off or broken' : `broken at ${place}`;
};

async function deliverCalls(
  service: ServiceContext,
  mapped: readonly Mapped[],
  options: { readonly customerKey: string; readonly traceparent: string | undefined },
): Promise<VconReport> {
  const at = <T extends object>(index: number) => (note: T) => ({ index, ...note });
  const rejected: Note[] = mapped.flatMap((piece, index) => piece.rejected.map(at(index)));
  const warnings = mapped.flatMap((piece, index) => piece.warnings.map(at(index))).slice(0, WARNINGS_MAX);
  const calls = mapped.flatMap((piece, index) => piece.calls.map((call) => ({ index, call })));
  const outcomes = await deliver(service, calls.flatMap(({ call }) => call.events), options);
  let accepted = 0;
  let duplicate = 0;
  let from = 0;
  for (const { index, call } of calls) {
    const own = outcomes.slice(from, from + call.events.length);
    from += call.events.length;
    if (own.some(({ status }) => status === 'done')) accepted += 1;
    else if (own.some(({ status }) => status === 'duplicate')) duplicate += 1;
    rejected.push(...refused(call, own).map(at(index)));
  }
  rejected.sort((a, b) => a.index - b.index);
  return { files: mapped.length, calls: accepted + duplicate, accepted, duplicate, rejected, warnings };
}

/** One line per call is enough: its events are ours, not the sender's. */
function refused(call: MappedCall, outcomes: readonly Parameters<typeof refusalOf>[0][]): readonly Omit<Note, 'index'>[] {
  const refusal = outcomes.map(refusalOf).find((each) => each !== undefined);
  return refusal ? [{ path: call.path, code: refusal.code, reason: refusal.reason }] : [];
}
