/** The same calls, each event once, on a platform to which nothing is done: what must have come of them. */

import { type Digest, digestAtRest } from './check/digests.ts';
import { type Wall, wallOf } from './check/wall.ts';
import type { Deployment } from './deployment.ts';
import { type CentreSize, undisturbed } from './load/calls.ts';
import { Client } from './load/client.ts';

const BATCH_EVENTS = 500;
const TELL_EVERY_MS = 5_000;

export interface Undisturbed {
  readonly digest: Digest;
  readonly wall: Wall;
}

export async function referenceOf(
  deployment: Deployment,
  size: CentreSize,
  calls: number,
  say: (line: string) => void,
): Promise<Undisturbed> {
  const sinceMs = performance.now();
  let sent = 0;
  let doing = 'starting';
  const tell = () => say(`undisturbed: ${doing}, ${((performance.now() - sinceMs) / 1_000).toFixed(0)} s so far`);
  const telling = setInterval(tell, TELL_EVERY_MS);
  try {
    return await played();
  } finally {
    clearInterval(telling);
  }

  async function played(): Promise<Undisturbed> {
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
      sent += events.length;
      doing = `${sent} events sent`;
      events = [];
    };
    for (const event of undisturbed(size, calls)) {
      events.push(event);
      if (events.length === BATCH_EVENTS) await send();
    }
    if (events.length > 0) await send();
    doing = `all ${sent} events sent, and what follows from them is awaited`;
    const digest = await digestAtRest(deployment.url);
    const wall = await wallOf(client);
    await deployment.stop();
    return { digest, wall };
  }
}
