import { DomainError } from '@coachloop/contracts';
import type { Command, ServiceContext } from '@coachloop/runtime';
import { HttpProblem } from '@coachloop/service-kit';
import { NOTIFICATION_ERRORS, type NotificationErrorCode } from '../errors.ts';

export function problem(
  code: NotificationErrorCode,
  detail: string,
  extra: { pointer?: string; retryAfter?: number } = {},
): HttpProblem {
  const { status, title, whatToDo } = NOTIFICATION_ERRORS[code];
  return new HttpProblem(status, code, title, `${detail} ${whatToDo}`, extra);
}

/** Runs one command; the domain's word keeps its code, with the title of the catalogue. */
export async function run<Reply>(service: ServiceContext, command: Command): Promise<Reply> {
  const [outcome] = await service.dispatch([command]);
  if (outcome === undefined) throw new Error('The runtime gave no outcome for a command.');
  if (outcome.status === 'conflict') throw problem('IDEMPOTENCY_KEY_REUSED', 'The key came with another request.');
  if (outcome.status !== 'rejected') return outcome.reply as Reply; // made by our own transitions
  const { error } = outcome;
  if (error instanceof DomainError && Object.hasOwn(NOTIFICATION_ERRORS, error.code))
    throw problem(error.code as NotificationErrorCode, error.message);
  throw error;
}
