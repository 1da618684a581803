/** The same calls, each event once, on a platform to which nothing is done: what must have come of them. */

import { type Digest, digestAtRest } from './check/digests.ts';
import type { Deployment } from './deployment.ts';
import { type CentreSize, undisturbed } from './load/calls.ts';
import { Client } from './load/client.ts';

const BATCH_EVENTS = 500;

export async function referenceOf(deployment: Deployment, size: CentreSize, calls: number): Promise<Digest> {
  await deployment.start(null);
  const client = new Client(deployment.url);
  let events: object[] = [];
  const send = async () => {
    const { status, body } = await client.send({
      path: '/ingest/v1/events',
      contentType: 'application/cloudevents-batch+json',
      body: JSON.stringify(events),
    });
    if (status !== 202) throw new Error(`The undisturbed run was refused with ${status}: ${JSON.stringify(body)}`);
    events = [];
  };
  for (const event of undisturbed(size, calls)) {
    events.push(event);
    if (events.length === BATCH_EVENTS) await send();
  }
  if (events.length > 0) await send();
  const digest = await digestAtRest(deployment.url);
  await deployment.stop();
  return digest;
}
