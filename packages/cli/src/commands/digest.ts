/** `digest`: per kind, a hash of what two runs over the same calls must agree on, in whatever order things happened. */

import { retryTopic } from '@coachloop/contracts';
import { digest as digestHere } from '@coachloop/runtime';
import { type DigestReport, digestReport, lagOf } from '@coachloop/service-kit';
import { type Adapters, definitions, type InspectTarget, inspect } from '../inspect.ts';
import { printJson, printTable, remark } from '../output.ts';

export async function digest(options: InspectTarget & { readonly json?: boolean }): Promise<void> {
  const found = await inspect<DigestReport>('digest', options, async (adapters, onProgress) => ({
    ...digestReport(await digestHere({ services: definitions(), store: adapters.store, onProgress })),
    settled: await isSettled(adapters),
  }));
  if (options.json) printJson(found);
  else
    printTable(
      ['KIND', 'COUNT', 'DIGEST'],
      Object.entries(found.kinds).map(([kind, { count, digest: hash }]) => [kind, String(count), hash]),
    );
  if (!found.settled) remark('Not everything in the log has been handled yet: the digest will change.');
}

async function isSettled({ log }: Adapters): Promise<boolean> {
  const existing = new Set((await log.topics()).map(({ name }) => name));
  const lags = await Promise.all(
    definitions().map(({ name, consumes }) => {
      const topics = [...Object.keys(consumes), retryTopic(name)];
      return lagOf(
        log,
        name,
        topics.filter((topic) => existing.has(topic)),
      );
    }),
  );
  return lags.flat().every(({ records }) => records === 0);
}
