/** A client of the stream, as a browser is one, over a real socket. */
import { get, type IncomingMessage } from 'node:http';
import type { Feed, Snapshot } from '@coachloop/contracts';

export interface Message {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export class SseClient {
  readonly messages: Message[] = [];
  comments = 0;
  status = 0;
  closed = false;
  response: IncomingMessage | null = null;
  readonly #request;
  #rest = '';

  constructor(url: string, lastEventId?: string) {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    this.#request = get(`${url}/metrics/v1/stream`, { headers, agent: false }, (response) => {
      this.response = response;
      this.status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => {
        this.closed = true;
      });
    });
    this.#request.on('error', () => {
      this.closed = true;
    });
  }

  get snapshots(): readonly Snapshot[] {
    return this.messages.filter(({ event }) => event === 'snapshot').map(({ data }) => data as Snapshot);
  }
  get feeds(): readonly Feed[] {
    return this.messages.filter(({ event }) => event === 'events').map(({ data }) => data as Feed);
  }
  get items(): readonly Feed['items'][number][] {
    return this.feeds.flatMap(({ items }) => items);
  }
  get lastId(): string {
    return this.messages.findLast(({ id }) => id !== null)?.id ?? '';
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const lines = part.split('\n');
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (part.startsWith(':')) this.comments += 1;
      const event = field('event');
      if (event !== undefined)
        this.messages.push({ event, id: field('id') ?? null, data: JSON.parse(field('data') ?? 'null') });
    }
  }
}
