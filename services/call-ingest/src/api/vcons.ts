/** POST /ingest/v1/vcons: conversations from files. */
import { Problem } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, bytesOf, rawScope, refusalOf, toProblem, traceOf } from '@coachloop/service-kit';
import { type Static, Type } from 'typebox';
import type { CallIngestOptions } from '../options.ts';
import { DEFAULT_VCON_SOURCE } from '../records.ts';
import type { Mapped, MappedCall, Piece, RawRequest, Source } from '../sources/source.ts';
import { vconSource } from '../sources/vcon/source.ts';
import { deliver, problem } from './receive.ts';

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
  source: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      default: DEFAULT_VCON_SOURCE,
      description: 'CloudEvents source of the calls; the id of a call is made from it and the uuid',
    }),
  ),
  openCases: Type.Optional(Type.Boolean({ default: false, description: 'Open cases although the calls are old' })),
});

const DESCRIPTION = `One vCon or an array of them as \`application/vcon+json\` or \`application/json\`, or one per line as \`application/x-ndjson\`. All published
drafts are read, signed ones without checking the signature. One vCon makes 0 to n calls; what makes none is in \`rejected\` with the
path to blame, and the others are kept. Sending the same again changes nothing: its calls are counted as duplicates. When no call
could be accepted the answer is a problem (422) with the same report in it.`;

const WARNINGS_MAX = 1_000;

export const vconRoutes = (app: App, service: ServiceContext, { bounds }: CallIngestOptions): Promise<void> =>
  rawScope(app, bounds.vconsBodyBytes, (scope) => {
    scope.post(
      '/ingest/v1/vcons',
      {
        bodyLimit: bounds.vconsBodyBytes,
        schema: {
          tags: ['ingest'],
          summary: 'Import conversations (vCon)',
          description: DESCRIPTION,
          body: {
            content: {
              'application/json': { schema: Type.Unknown({ description: 'A vCon, or an array of vCons' }) },
              'application/vcon+json': { schema: Type.Unknown({ description: 'The same' }) },
              'application/x-ndjson': { schema: Type.String({ description: 'A vCon per line' }) },
            },
          },
          querystring: Query,
          response: { 202: VconReport, 422: Type.Object({ ...Problem.properties, ...VconReport.properties }) },
        },
      },
      async (request, reply) => {
        const { headers, query } = request;
        const raw = { headers, contentType: headers['content-type'] ?? '', body: bytesOf(request.body) };
        await vconSource.verify?.(raw);
        const pieces = piecesOf(vconSource, raw, bounds.items);
        const mapped = pieces.map((piece) => mapPiece(piece, query));
        const report = await deliverCalls(service, mapped, traceOf(headers.traceparent));
        const first = report.rejected[0];
        if (report.calls > 0 || !first) return reply.code(202).send(report);
        const code = pieces.length === 1 ? first.code : 'INGEST_NOTHING_ACCEPTED';
        const pointer = pieces.length === 1 ? first.path : `/${first.index}${first.path}`;
        const nothing = toProblem(problem(code, first.reason, { pointer, status: 422 }));
        return reply
          .code(422)
          .type('application/problem+json')
          .send({ ...nothing, ...report });
      },
    );
  });

/** @throws HttpProblem where nothing can be read. */
function piecesOf(source: Source, request: RawRequest, itemsMax: number): readonly Piece[] {
  const split = source.split(request);
  if ('fault' in split) throw problem(split.fault.code, split.fault.reason, { pointer: split.fault.path });
  if (split.pieces.length <= itemsMax) return split.pieces;
  throw problem('INGEST_TOO_MANY_ITEMS', `There are ${split.pieces.length} vCons in the request.`);
}

const mapPiece = (piece: Piece, { source = DEFAULT_VCON_SOURCE, openCases = false }: Static<typeof Query>): Mapped =>
  'fault' in piece
    ? { calls: [], rejected: [piece.fault], warnings: [] }
    : vconSource.map(piece.value, { source, openCases });

async function deliverCalls(
  service: ServiceContext,
  mapped: readonly Mapped[],
  traceparent: string | undefined,
): Promise<VconReport> {
  const at =
    <T extends object>(index: number) =>
    (note: T) => ({ index, ...note });
  const rejected: Note[] = mapped.flatMap((piece, index) => piece.rejected.map(at(index)));
  const warnings = mapped.flatMap((piece, index) => piece.warnings.map(at(index))).slice(0, WARNINGS_MAX);
  const calls = mapped.flatMap((piece, index) => piece.calls.map((call) => ({ index, call })));
  const events = calls.flatMap(({ call }) => call.events.map((event) => ({ ...event, traceparent })));
  const outcomes = await deliver(service, events);
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
function refused(
  call: MappedCall,
  outcomes: readonly Parameters<typeof refusalOf>[0][],
): readonly Omit<Note, 'index'>[] {
  const refusal = outcomes.map(refusalOf).find((each) => each !== undefined);
  return refusal ? [{ path: call.path, code: refusal.code, reason: refusal.reason }] : [];
}
