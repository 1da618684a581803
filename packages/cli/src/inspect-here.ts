/** Checks of a folder that no platform runs on: it is opened here, under the system's lock. */
import type { DocumentStore } from '@coachloop/document-store';
import type { EventLog } from '@coachloop/event-log';
import { digest, outputsWaiting, type ServiceDefinition, verify } from '@coachloop/runtime';
import { digestReport, lagsOf, systemClock } from '@coachloop/service-kit';
import { openEmbedded } from '@coachloop/service-kit/adapters';
import { explain } from './explain.ts';
import type { Inspections, Tell } from './inspect.ts';
import { remark } from './output.ts';
import { installation } from './services.ts';

interface Opened {
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly services: readonly ServiceDefinition[];
}

/** @throws LogError LOG_LOCKED: somebody has it. */
export async function inspectHere<N extends keyof Inspections>(
  name: N,
  directory: string,
  tell: Tell,
): Promise<Inspections[N]> {
  const adapters = await openEmbedded({ directory, clock: systemClock, onFatal: (error) => explain(error) });
  try {
    remark(`No platform runs on ${directory}: it is read here.`);
    return await WORK[name]({ ...adapters, services: await installation()(adapters.store) }, tell);
  } finally {
    await adapters.close();
  }
}

const WORK: { readonly [N in keyof Inspections]: (opened: Opened, tell: Tell) => Promise<Inspections[N]> } = {
  verify: (opened, onProgress) => verify({ ...opened, clock: systemClock, live: false, onProgress }),
  digest: async (opened, onProgress) => ({
    ...digestReport(await digest({ ...opened, onProgress })),
    settled: await isSettled(opened),
  }),
};

async function isSettled({ log, store, services }: Opened): Promise<boolean> {
  if ((await outputsWaiting({ services, store })) > 0) return false;
  return (await lagsOf(log, services)).every(({ records }) => records === 0);
}
