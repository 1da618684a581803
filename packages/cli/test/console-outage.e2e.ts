/** What an open page, and one that is opened, say while log or store are silent: they take what they are asked, and do not answer. */
import { consoleRoutes, ensureConsoleBuilt } from '@coachloop/console';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { createMemoryLog } from '@coachloop/event-log/memory';
import type { Platform } from '@coachloop/service-kit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executablePath, launchBrowser } from './harness/browser.ts';
import { json } from './harness/command.ts';
import { AheadClock, startPlatform } from './harness/installation.ts';

const WAIT_MS_MAX = 30_000;

/** A server that can be stopped as by SIGSTOP, and goes on where it was. Its calls are async, or iterate. */
class Silenced<T extends object> {
  readonly adapter: T;
  #gate = Promise.withResolvers<void>();

  constructor(adapter: T, iterating: string) {
    this.#gate.resolve();
    this.adapter = new Proxy(adapter, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function' || key === 'trouble') return value;
        const call = (...given: unknown[]) => Reflect.apply(value, target, given);
        const gate = () => this.#gate.promise;
        if (key !== iterating) return async (...given: unknown[]) => gate().then(() => call(...given));
        return async function* (...given: unknown[]) {
          await gate();
          yield* call(...given) as AsyncIterable<unknown>;
        };
      },
    });
  }

  stop(): void {
    this.#gate = Promise.withResolvers<void>();
  }
  go(): void {
    this.#gate.resolve();
  }
}

describe.runIf(executablePath)('the console in an outage', { timeout: 4 * WAIT_MS_MAX }, () => {
  const clock = new AheadClock();
  const log = new Silenced(createMemoryLog({ clock }), 'scan');
  const store = new Silenced(createMemoryStore(), '');
  let platform: Platform;
  let browser: Browser;

  const open = async (path: string): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    await page.goto(platform.url + path);
    return page;
  };
  const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
  const chip = (page: Page, text: string) => page.getByRole('button', { name: `▲ ${text}` }).waitFor();

  beforeAll(async () => {
    const directory = await ensureConsoleBuilt();
    platform = await startPlatform({ log: log.adapter, store: store.adapter }, clock, '', {
      extend: (app) => consoleRoutes(app, { directory }),
    });
    await json(['simulate', '--agents', '4', '--calls', '40', '--seed', '5', '--url', platform.url]);
    browser = await launchBrowser();
  }, 4 * WAIT_MS_MAX);
  afterAll(async () => {
    log.go();
    store.go();
    await browser?.close();
    await platform?.stop();
  }, WAIT_MS_MAX);

  it('says on an open wall that the log does not answer, and is live again by itself', async () => {
    const page = await open('/');
    await live(page);
    log.stop();
    const heading = page.getByRole('heading', { level: 1 });
    await heading.filter({ hasText: 'The event log does not answer: figures below may be behind.' }).waitFor();
    await page.getByText('Not up to date', { exact: true }).waitFor();
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
    await chip(page, 'The event log does not answer');
    await page.getByRole('button', { name: '▲ The event log does not answer' }).click();
    await page.getByText('./coachloop doctor').waitFor();
    log.go();
    await live(page);
    await heading.filter({ hasNotText: 'does not answer' }).waitFor();
    await page.context().close();
  });

  it('opened without the log it has figures, and says why there are no events', async () => {
    log.stop();
    const page = await open('/');
    const events = page.getByRole('region', { name: 'Newest events' });
    await events.getByText('The event log does not answer. This page will go on by itself.').waitFor();
    await page.getByRole('button', { name: /^Mean score/ }).waitFor();
    log.go();
    await live(page);
    await events.getByRole('listitem').first().waitFor();
    await page.context().close();
  });

  it('opened without the store it says why there is nothing, on each view, in both languages, and goes on by itself', async () => {
    store.stop();
    log.stop();
    const [wall, agents, chinese] = await Promise.all(['/', '/agents', '/?lang=zh'].map((path) => open(path)));
    if (!wall || !agents || !chinese) throw new Error('No page.');
    const both = 'Event log and document store do not answer';
    for (const page of [wall, agents]) {
      await page
        .getByRole('alert')
        .filter({ hasText: `${both}. This page will go on by itself.` })
        .waitFor();
      await chip(page, both);
      await page.getByText('Connecting…', { exact: true }).waitFor();
    }
    await chinese.getByRole('alert').filter({ hasText: '事件日志与文档库均无响应。恢复后页面将自动继续。' }).waitFor();
    log.go();
    await wall.getByRole('alert').filter({ hasText: 'The document store does not answer.' }).waitFor();
    store.go();
    await live(wall);
    await wall.getByRole('button', { name: /^Mean score/ }).waitFor();
    await agents.getByRole('table', { name: 'Agents' }).waitFor();
  });
});
