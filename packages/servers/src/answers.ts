/** Whether somebody listens where a variable says that there are servers. A client would try for long, and say little. */
import { connect } from 'node:net';
import { ServerError } from './errors.ts';

const ANSWER_MS_MAX = 5_000;

/** `host:port`, or the path of a socket. @throws ServerError SERVER_NOT_ANSWERING where none of them can be connected to */
export async function expectAnswer(variable: string, places: readonly string[]): Promise<void> {
  const answers = await Promise.all(places.map(isListening));
  if (answers.includes(true)) return;
  throw new ServerError('SERVER_NOT_ANSWERING', `${variable}: nothing answers at ${places.join(', ')}`);
}

function isListening(place: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(targetOf(place));
  const end = (answers: boolean) => {
    socket.destroy();
    resolve(answers);
  };
  socket.setTimeout(ANSWER_MS_MAX, () => end(false));
  socket.once('connect', () => end(true));
  socket.once('error', () => end(false));
  return promise;
}

/** What is no port is nowhere. */
function targetOf(place: string): { readonly path: string } | { readonly host: string; readonly port: number } {
  if (place.startsWith('/')) return { path: place };
  const [, host = '', port = ''] = /^(.*?):?(\d*)$/.exec(place) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Math.min(Number(port), 65_535) };
}
