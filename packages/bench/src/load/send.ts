/** The sender: real HTTP, a connection kept open, and patience when the platform says that it is too busy. */
import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { BenchError } from '../errors.ts';
import type { Request } from './calls.ts';

const IN_FLIGHT = 2;

export class Sender {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  /** How often the platform refused for now. */
  refused = 0;

  constructor(url: string) {
    this.#url = `${url}/ingest/v1/events`;
  }

  /** Sends all, two at a time, as `simulate` does. @throws BenchError where an event is not taken */
  async sendAll(requests: Iterable<Request>): Promise<void> {
    const iterator = requests[Symbol.iterator]();
    const work = async () => {
      for (let next = iterator.next(); !next.done; next = iterator.next()) await this.send(next.value);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  }

  async send({ body }: Request): Promise<void> {
    for (;;) {
      const { status, text, retryAfter } = await this.#post(body);
      if (status === 202) {
        const { rejected } = JSON.parse(text) as { rejected: readonly { reason: string }[] };
        if (rejected[0] !== undefined) throw new BenchError(`An event was rejected: ${rejected[0].reason}`);
        return;
      }
      if (status !== 429 && status !== 503)
        throw new BenchError(`The platform answered ${status}: ${text.slice(0, 300)}`);
      this.refused += 1;
      await setTimeout(retryAfter * 1_000);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(body: Buffer): Promise<{ status: number; text: string; retryAfter: number }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/cloudevents-batch+json', 'content-length': body.length };
      const sent = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, retryAfter: Number(response.headers['retry-after'] ?? 1) }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
