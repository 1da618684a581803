/** How an event is written: one CloudEvent as a line, or as an SSE message; both carry the place to continue from. */
import { type CloudEvent, toStructured } from '@coachloop/contracts';

export const FORMATS = ['application/x-ndjson', 'application/json', 'text/event-stream'] as const;
export type Format = (typeof FORMATS)[number];

/** The best of what the client accepts; NDJSON where it does not care; null: none. */
export function formatOf(accept: string | undefined): Format | null {
  if (accept === undefined || accept.trim() === '') return FORMATS[0];
  const ranges = accept
    .slice(0, 1_000)
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      const q = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
      return { type, q };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q); // stable: the first of equals
  for (const { type } of ranges) {
    const found = FORMATS.find((format) => format === type || type === '*/*' || type === `${format.split('/')[0]}/*`);
    if (found) return found;
  }
  return null;
}

/** The event as on Kafka, in the JSON format, with `cursor` as an extension attribute. On one line. */
export const jsonOf = (event: CloudEvent, cursor: string): string => JSON.stringify({ ...toStructured(event), cursor });

export const lineOf = (event: CloudEvent, cursor: string): string => `${jsonOf(event, cursor)}\n`;

export const messageOf = (event: CloudEvent, cursor: string): string =>
  `id: ${cursor}\nevent: ${event.type}\ndata: ${jsonOf(event, cursor)}\n\n`;

/** Without data, so no event for the client; but its id moves on, past what was not wanted. */
export const heartbeatOf = (cursor: string): string => `: still here\nid: ${cursor}\n\n`;
