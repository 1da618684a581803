/** Starts and completions over HTTP, as learning systems report them. */
import { CompletionReport, DomainError, Id, Problem, StartReport } from '@coachloop/contracts';
import type { ServiceContext } from '@coachloop/runtime';
import { type App, HttpProblem, notFound } from '@coachloop/service-kit';
import { Type } from 'typebox';
import type { ReportReply } from '../domain/case-reports.ts';
import { CASE_COMMANDS, caseIdOfAssignment } from '../domain/cases.ts';
import { TRAINING_ERRORS } from '../errors.ts';
import { loadCase } from './cases.ts';
import { ReplyView } from './schemas.ts';

const Headers = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Not needed: `sourceId` makes repeating harmless. Where given, it is the key.',
    }),
  ),
});
const Params = Type.Object({ id: Id('Assignment id') });

interface Incoming {
  readonly assignmentId: string;
  readonly type: (typeof CASE_COMMANDS)[keyof typeof CASE_COMMANDS];
  readonly body: StartReport | CompletionReport;
  readonly key: string | undefined;
}

async function report(service: ServiceContext, { assignmentId, type, body, key }: Incoming) {
  if (body.assignmentId !== undefined && body.assignmentId !== assignmentId)
    throw new HttpProblem(
      422,
      'TRAINING_ASSIGNMENT_UNKNOWN',
      TRAINING_ERRORS.TRAINING_ASSIGNMENT_UNKNOWN.title,
      `The path names the assignment ${assignmentId}, the body ${body.assignmentId}. Leave it out of the body.`,
      { pointer: '/assignmentId' },
    );
  const caseId = caseIdOfAssignment(assignmentId);
  const found = caseId === undefined ? undefined : await loadCase(service, caseId);
  if (!found) throw notFound('assignment', assignmentId);
  const [outcome] = await service.dispatch([
    {
      target: { collection: 'cases', id: found.caseId },
      type,
      data: { ...body, assignmentId },
      key: key ?? `${type}|${assignmentId}|${body.sourceId}`,
      laneKey: found.agentId,
    },
  ]);
  if (outcome === undefined) throw new Error('The runtime gave no outcome for a command.');
  switch (outcome.status) {
    case 'done':
      return outcome.reply as ReportReply;
    case 'duplicate':
      return {
        ...(outcome.reply as ReportReply),
        effect: 'duplicate' as const,
        reason: 'source-id-known',
      };
    case 'conflict':
      throw new HttpProblem(
        422,
        'IDEMPOTENCY_KEY_REUSED',
        TRAINING_ERRORS.IDEMPOTENCY_KEY_REUSED.title,
        `${TRAINING_ERRORS.IDEMPOTENCY_KEY_REUSED.whatToDo} Source id: ${JSON.stringify(body.sourceId)}.`,
        { pointer: '/sourceId' },
      );
    case 'rejected':
      throw problemOf(outcome.error);
  }
}

/** A domain error keeps its code; anything else is a defect and goes up as it is. */
function problemOf(error: Error): Error {
  if (!(error instanceof DomainError)) return error;
  const known: { title: string } | undefined = (TRAINING_ERRORS as Record<string, { title: string }>)[error.code];
  return new HttpProblem(
    error.status,
    error.code,
    known?.title ?? 'The request was refused',
    error.message,
    error.pointer === undefined ? {} : { pointer: error.pointer },
  );
}

export function reportRoutes(app: App, service: ServiceContext): void {
  const schemaOf = (summary: string) => ({
    summary,
    tags: ['assignments'],
    params: Params,
    headers: Headers,
    response: { 200: ReplyView, '4xx': Problem },
  });

  app.post(
    '/training/v1/assignments/:id/starts',
    { schema: { ...schemaOf('The learner began the course'), body: StartReport } },
    ({ params, body, headers }) =>
      report(service, { assignmentId: params.id, type: CASE_COMMANDS.start, body, key: headers['idempotency-key'] }),
  );

  app.post(
    '/training/v1/assignments/:id/completions',
    {
      schema: {
        ...schemaOf('The learner finished the course, passed or not'),
        description:
          'The same `sourceId` again is a duplicate; a report that comes too late for the case is ignored, and says so.',
        body: CompletionReport,
      },
    },
    ({ params, body, headers }) =>
      report(service, { assignmentId: params.id, type: CASE_COMMANDS.complete, body, key: headers['idempotency-key'] }),
  );
}
