/** A broker that goes away in the middle of a login, as one that is restarted: it is away, and has refused nobody. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKafkaLog } from '../../src/kafka/index.ts';

const [SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE] = [17, 18, 36];
let broker: Server;
let port: number;
const asked: number[] = [];
beforeEach(async () => {
  asked.length = 0;
  broker = createServer((socket) =>
    socket.on('data', (frame: Buffer) => answer(socket, frame)).on('error', () => undefined),
  );
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  port = (broker.address() as { port: number }).port;
});
afterEach(() => broker.close());

/** Of Kafka's protocol what a login begins with: a frame is length, key and version of the call, its number. */
function answer(socket: Socket, frame: Buffer): void {
  const [key, number] = [frame.readInt16BE(4), frame.readInt32BE(8)];
  asked.push(key);
  if (key === SASL_AUTHENTICATE) socket.destroy();
  if (key === API_VERSIONS) {
    const calls = [SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE];
    const body = Buffer.alloc(6 + calls.length * 6 + 4);
    body.writeInt32BE(calls.length, 2);
    calls.forEach((call, i) => {
      body.writeInt16BE(call, 6 + i * 6);
      body.writeInt16BE(1, 10 + i * 6); // versions 0 to 1
    });
    send(socket, number, body);
  }
  if (key === SASL_HANDSHAKE) {
    const name = Buffer.from('PLAIN');
    const body = Buffer.alloc(8);
    body.writeInt32BE(1, 2);
    body.writeInt16BE(name.length, 6);
    send(socket, number, Buffer.concat([body, name]));
  }
}

function send(socket: Socket, number: number, body: Buffer): void {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(number, 4);
  socket.write(Buffer.concat([head, body]));
}

test('a connection that breaks while somebody logs in is no wrong password', async () => {
  const log = openKafkaLog({
    brokers: [`127.0.0.1:${port}`],
    clock: Date,
    sasl: { mechanism: 'plain', username: 'ada', password: 'hush-hush' },
    timings: { callMs: 1_500, connectMs: 10_000 },
  });
  await expect(log.watermarks(['any'])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  expect(asked).toContain(SASL_AUTHENTICATE);
  await log.close();
});
