/** Both ways of subscribing over kill -9 of the platform, on the embedded adapters: nothing is missed, nothing doubled by id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebhookView } from '../src/api/webhook-view.ts';
import { embeddedFolder, publish, started, startReceiver } from './given.ts';

/** Each start of a process takes seconds on a busy machine, and many deliveries take many. */
const TIMEOUT_MS = 240_000;
/** Looking takes time from those who deliver. */
const PATIENTLY = { timeout: 60_000, interval: 100 } as const;
const script = fileURLToPath(new URL('./children/serve.ts', import.meta.url));
const EVENTS = 1_500;
let folder: ReturnType<typeof embeddedFolder>;
let ids: Set<string>;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = embeddedFolder();
  const adapters = await folder.open();
  const { log } = adapters;
  await log.createTopics([{ name: 'training-events', partitions: 12 }]);
  const history = started(EVENTS);
  await publish(log, history);
  ids = new Set(history.map(({ event }) => event.id));
  await adapters.close();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  folder.remove();
});

async function serve(): Promise<{ url: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [script, folder.directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  if (!child.stdout) throw new Error('no output');
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test(
  'webhooks: killed again and again in the middle, the receiver has every event, in order, and knows each by its id',
  async () => {
    const to = await startReceiver();
    let platform = await serve();
    const created = await fetch(`${platform.url}/notification/v1/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
      body: JSON.stringify({ url: to.url, types: ['training.*'], from: 'start' }),
    });
    const { id } = (await created.json()) as WebhookView;
    for (const part of [0.3, 0.7]) {
      await vi.waitFor(() => expect(to.ids().length).toBeGreaterThan(EVENTS * part), PATIENTLY);
      await platform.kill();
      platform = await serve();
    }
    await vi.waitFor(() => expect(to.ids()).toHaveLength(EVENTS), PATIENTLY);
    expect(new Set(to.ids())).toEqual(ids);
    const offsets = new Map<string, string[]>();
    const first = new Set<string>();
    for (const { body } of to.received) {
      const event = JSON.parse(body);
      if (first.has(event.id)) continue;
      first.add(event.id);
      offsets.set(event.partitionkey, [...(offsets.get(event.partitionkey) ?? []), event.id]);
    }
    const all = (await (await fetch(`${platform.url}/events/v1?types=training.*`)).text()).split('\n').filter(Boolean);
    for (const [key, seen] of offsets) {
      const published = all.map((line) => JSON.parse(line)).filter((event) => event.partitionkey === key);
      expect(seen).toEqual(published.map((event) => event.id));
    }
    await vi.waitFor(async () => {
      const view = (await (await fetch(`${platform.url}/notification/v1/webhooks/${id}`)).json()) as WebhookView;
      expect(view).toMatchObject({ status: 'active', delivery: { lag: 0, failingSince: null } });
    });
    await to.stop();
  },
  TIMEOUT_MS,
);

test(
  '/events/v1: broken off by a kill, and continued after the last line that was read',
  async () => {
    let platform = await serve();
    const seen: string[] = [];
    let cursor = '';
    for (const part of [0.3, 0.7, 2]) {
      const reply = await get(`${platform.url}/events/v1?types=training.*${cursor === '' ? '' : `&after=${cursor}`}`);
      const lines = createInterface(reply).on('error', () => undefined);
      for await (const line of lines) {
        const event = JSON.parse(line);
        seen.push(event.id);
        cursor = event.cursor;
        if (seen.length >= EVENTS * part) break;
      }
      await platform.kill(); // the rest of the answer never comes
      platform = await serve();
    }
    expect(seen).toHaveLength(EVENTS);
    expect(new Set(seen)).toEqual(ids);
  },
  TIMEOUT_MS,
);

const get = (url: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, (reply) => resolve(reply.on('error', () => undefined)));
    asked.on('error', reject).end();
  });
