/** A system behind a webhook: checks each signature, refuses some events at first, and changes its secret while all of that goes on. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { randomOf } from '@coachloop/simulator';
import { Webhook as Signer } from 'standardwebhooks';
import { type Heard, Hearing } from '../check/hearing.ts';
import type { Answer, Client } from './client.ts';
import type { Ledger } from './ledger.ts';

/** Everything that is said there, from the beginning. */
export const RECIPIENT_TOPICS = ['training-events', 'evaluation-events', 'notification-events'] as const;
const TYPES = RECIPIENT_TOPICS.map((topic) => topic.replace(/-events$/, '.*'));
/** Of events whose first delivery is answered with 500. */
const REFUSED_SHARE = 0.02;
const ROTATE_EVERY_MS = 10_000;
/** So many of the last ones sign, for a day. */
const SIGNING = 4;
/** Without any secret it cannot check anything, so it asks for one soon. */
const ASK_AGAIN_MS = 1_000;
const WEBHOOKS = '/notification/v1/webhooks';

interface WebhookShown {
  readonly id: string;
  readonly secret?: string;
  readonly delivery: { readonly lag: number | null };
}

export class Recipient {
  readonly hearing = new Hearing('webhook');
  deliveries = 0;
  rotations = 0;
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #seed: number;
  readonly #server: Server;
  /** In the order in which they were asked for; null: given in an answer that did not arrive. */
  readonly #asked: (string | null)[] = [];
  readonly #refused = new Set<string>();
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #id = '';

  constructor(client: Client, ledger: Ledger, seed: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#seed = seed;
    this.#server = createServer((request, response) => {
      text(request).then(
        (body) => response.writeHead(this.#taken(request, body)).end(),
        () => response.destroy(), // whoever sent it was killed in the middle of it
      );
    });
    this.#done = this.#work();
    this.#done.catch(() => undefined); // told by `end`
  }

  /**
   * Its secret changes no more; what is still to be delivered is taken. A secret whose answer was lost is the only one that signs a day later:
   * whoever does not have it asks for another one.
   */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
    while (this.#asked.at(-1) === null && (await this.#rotate()));
  }

  get #secrets(): readonly string[] {
    return this.#asked.filter((secret) => secret !== null);
  }

  /** What is signed by those alone of which nobody told it cannot be judged; one may be on its way. */
  get #canJudge(): boolean {
    return this.#asked.slice(1 - SIGNING).some((secret) => secret !== null);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Nothing waits for it, as far as the platform knows; or it was refused, so that nothing will come. */
  async isServed(): Promise<boolean> {
    if (this.#id === '') return true;
    const { status, body } = await this.#client.send({ path: `${WEBHOOKS}/${this.#id}` });
    return status !== 200 || (body as WebhookShown).delivery.lag === 0;
  }

  async #work(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const { signal } = this.#ending;
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
    const made = await this.#twice(WEBHOOKS, { url, types: TYPES, from: 'start' }, 'create');
    if (!made) return;
    this.#id = made.id;
    for (;;) {
      const waitMs = this.#secrets.length === 0 ? ASK_AGAIN_MS : ROTATE_EVERY_MS;
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (!(await this.#rotate())) return;
    }
  }

  /** False: it was refused. */
  async #rotate(): Promise<boolean> {
    const path = `${WEBHOOKS}/${this.#id}/rotate-secret`;
    if (!(await this.#twice(path, undefined, `rotate-${this.rotations + 1}`))) return false;
    this.rotations += 1;
    return true;
  }

  /** A command under a key, and the same once more: only the first may give a secret, and none where its answer was lost. Null: it was refused. */
  async #twice(path: string, body: object | undefined, name: string): Promise<WebhookShown | null> {
    const request = { path, body: JSON.stringify(body), key: `drill-${this.#seed}-${name}`, method: 'POST' as const };
    const first = await this.#client.send(request);
    const again = await this.#client.send(request);
    for (const { status, body: problem } of [first, again])
      if (status > 201) {
        this.#ledger.wrong(`answer: ${name} was refused with ${status}: ${JSON.stringify(problem).slice(0, 300)}`);
        return null;
      }
    const [one, other] = [first, again].map((answer: Answer) => answer.body as WebhookShown) as [
      WebhookShown,
      WebhookShown,
    ];
    this.#asked.push(one.secret ?? null);
    if (one.secret === undefined && first.attempts === 1) this.#ledger.wrong(`answer: ${name} gave no secret`);
    if (other.secret !== undefined) this.#ledger.wrong(`answer: ${name} came again and was done again`);
    if (one.id !== other.id) this.#ledger.wrong(`answer: ${name} made ${one.id}, and then ${other.id}`);
    return one;
  }

  /** The status to answer with. */
  #taken(request: IncomingMessage, body: string): number {
    this.deliveries += 1;
    const id = String(request.headers['webhook-id']);
    try {
      if (!this.#isSigned(id, body, request)) {
        if (!this.#canJudge) return 503;
        this.#ledger.wrong(`webhook: the signature of ${id} is by none of its ${this.#secrets.length} secrets`);
        return 401;
      }
      if (!this.#refused.has(id) && randomOf('drill-recipient', this.#seed, id).chance(REFUSED_SHARE)) {
        this.#refused.add(id);
        return 500;
      }
      const event = JSON.parse(body) as Heard;
      if (event.id !== id) this.#ledger.wrong(`webhook: ${event.id} came as ${id}`);
      this.hearing.hear(event);
      return 200;
    } catch (error) {
      this.#ledger.wrong(`webhook: ${id} cannot be read: ${error}`);
      return 400;
    }
  }

  /** By Standard Webhooks, but for the tolerance of time: the clock of whoever signed may be an hour off. */
  #isSigned(id: string, body: string, { headers }: IncomingMessage): boolean {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    const given = String(headers['webhook-signature']).split(' ');
    return this.#secrets.some((secret) => given.includes(new Signer(secret).sign(id, at, body)));
  }
}
