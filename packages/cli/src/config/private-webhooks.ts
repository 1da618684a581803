/** Whether webhooks may go to private addresses. */
import { isLoopback } from '@coachloop/service-kit';
import type { Settings } from './settings.ts';

/**
 * Where nothing is set: only where everything is one process that nobody but this machine speaks to. Behind the console or a
 * proxy a process listens on loopback, too, and whoever may subscribe would reach what only this machine can.
 */
export function webhooksMayGoToPrivate(
  settings: Pick<Settings, 'HOST' | 'COACHLOOP_ALLOWED_HOSTS' | 'COACHLOOP_WEBHOOK_ALLOW_PRIVATE'>,
  { embedded }: { readonly embedded: boolean },
): boolean {
  const isAlone = embedded && isLoopback(settings.HOST) && settings.COACHLOOP_ALLOWED_HOSTS === undefined;
  return settings.COACHLOOP_WEBHOOK_ALLOW_PRIVATE ?? isAlone;
}
