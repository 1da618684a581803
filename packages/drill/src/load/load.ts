/** Everything that comes from outside, as one thing: calls, learners, subscribers, strangers, and who cleans up after these. */

import type { CentreSize } from './calls.ts';
import { Clerk } from './clerk.ts';
import { Client } from './client.ts';
import { Intruder, type IntruderOptions } from './intruder.ts';
import { LateReader } from './late-reader.ts';
import { Learners } from './learners.ts';
import { Ledger } from './ledger.ts';
import { Pulse } from './pulse.ts';
import { Recipient } from './recipient.ts';
import { Sender } from './sender.ts';

export class Load {
  readonly ledger = new Ledger();
  readonly client: Client;
  /** For requests that are no load: by those of the other it is seen whether there is any. */
  readonly aside: Client;
  readonly sender: Sender;
  readonly learners: Learners;
  readonly late: LateReader;
  readonly recipient: Recipient;
  readonly intruder: Intruder | null;
  readonly clerk: Clerk | null;
  readonly pulse: Pulse;

  /** It begins at once. */
  constructor(
    url: string,
    size: CentreSize,
    callsPerSecond: number,
    intruder: Pick<IntruderOptions, 'write' | 'everyMs'> | null,
  ) {
    this.client = new Client(url);
    this.aside = new Client(url);
    this.sender = new Sender(this.client, this.ledger, size, callsPerSecond);
    this.learners = new Learners(this.client, this.ledger, url, size.seed, () => this.sender.calls.nowMs);
    this.late = new LateReader(url);
    this.pulse = new Pulse(url);
    this.recipient = new Recipient(this.aside, this.ledger, size.seed);
    const known = () => this.sender.last;
    this.intruder = intruder && new Intruder({ ...intruder, seed: size.seed, known });
    this.clerk = intruder && new Clerk(this.aside, this.ledger, size.seed);
  }

  /** How long nobody has heard anything, ms; 0 while there is something to report. */
  get silentMs(): number {
    if (this.learners.failed) throw this.learners.failed;
    return this.learners.learning > 0 ? 0 : Math.min(this.learners.subscriber.silentMs, this.late.silentMs);
  }

  /** Nothing new comes from outside; resolves when the last of what began is acknowledged. */
  async end(): Promise<void> {
    this.pulse.end();
    await Promise.all([this.sender, this.recipient, this.intruder, this.clerk].map((each) => each?.end()));
  }

  async stop(): Promise<void> {
    this.client.stop();
    this.aside.stop();
    this.intruder?.stop();
    await this.learners.subscriber.stop();
    await this.late.stop();
    await this.pulse.stop();
    await this.recipient.stop();
  }
}
