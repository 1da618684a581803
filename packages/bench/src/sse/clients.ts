/** The bench's side of the process with the clients. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.ts';
import type { ClientsOptions, ClientsTell } from './protocol.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
export type Heard = Extract<ClientsTell, { tell: 'heard' }>;

/** Connects so many clients, lets `use` run, and says what they heard meanwhile. */
export async function listenWhile(options: ClientsOptions, use: () => Promise<void>): Promise<Heard> {
  const child = fork(CHILD, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    await told(child, 'connected');
    await use();
    const heard = told(child, 'heard');
    child.send('say');
    return await heard;
  } finally {
    if (child.connected) {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    }
  }
}

async function told<T extends ClientsTell['tell']>(
  child: ChildProcess,
  wanted: T,
): Promise<Extract<ClientsTell, { tell: T }>> {
  const ended = once(child, 'exit').then(() => {
    throw new BenchError(`The process of the clients ended before it was ${wanted}.`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [ClientsTell];
  ended.catch(() => undefined);
  if (message.tell !== wanted) throw new BenchError(`The clients said ${message.tell}, not ${wanted}.`);
  return message as Extract<ClientsTell, { tell: T }>;
}
