/** Many clients of the stream in one process: each reads all it is sent; one per message looks at what is in it. */
import { get } from 'node:http';
import type { ClientsOptions, ClientsTell, Frame } from './protocol.ts';

const { url, clients } = JSON.parse(process.argv[2] ?? '{}') as ClientsOptions;
/** Not all in one moment: the queue of new connections has a bound. */
const AT_ONCE = 50;

/** By the text's first line, its `id:`: the same for all clients. */
const frames = new Map<string, { readonly ids: readonly string[]; readonly arrivals: Map<number, number> }>();
let dropped = 0;

function take(text: string, isFirst: boolean): void {
  if (text.startsWith('event: closing')) dropped += 1;
  if (!text.startsWith('id: ') || isFirst) return;
  const id = text.slice(0, text.indexOf('\n'));
  let frame = frames.get(id);
  if (frame === undefined) {
    frame = { ids: [...text.matchAll(/\{"id":"([^"]+)"/g)].map(([, found = '']) => found), arrivals: new Map() };
    frames.set(id, frame);
  }
  const now = Date.now();
  frame.arrivals.set(now, (frame.arrivals.get(now) ?? 0) + 1);
}

/** Resolves when the client has been sent what there was before it. */
function connect(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/metrics/v1/stream`, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the stream answered ${response.statusCode}`));
      let waiting = '';
      let isFirst = true;
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (waiting + chunk).split('\n\n');
        waiting = parts.pop() ?? '';
        for (const part of parts) {
          take(part, isFirst);
          if (!part.startsWith('id: ') || !isFirst) continue;
          isFirst = false;
          resolve();
        }
      });
      response.on('error', () => undefined); // counted by what it did not bring
    });
    request.on('error', reject);
  });
}

const tell = (message: ClientsTell): void => {
  process.send?.(message);
};

process.once('disconnect', () => process.exit(0));
process.once('message', () => {
  const heard: readonly Frame[] = [...frames.values()].map(({ ids, arrivals }) => ({ ids, arrivals: [...arrivals] }));
  tell({ tell: 'heard', frames: heard, dropped });
});
for (let made = 0; made < clients; made += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, clients - made) }, connect));
tell({ tell: 'connected' });
