/** The console in a real browser, on the real platform with a demo centre. It stands here because only the command line knows all services. */
import { join } from 'node:path';
import { lastingPort } from '@coachloop/servers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executablePath, launchBrowser } from './harness/browser.ts';
import { cleanUp, Platform, temporaryFolder, until } from './harness/command.ts';

const WAIT_MS_MAX = 120_000;
const DEMO = ['--speed', '480'];

const directory = join(temporaryFolder(), 'demo');
let platform: Platform;
let browser: Browser;
let page: Page;
/** What went wrong in the page: exceptions, and errors on its console. */
const troubles: string[] = [];

async function openPage(width: number, height: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB', colorScheme: 'light' });
  const opened = await context.newPage();
  opened.setDefaultTimeout(WAIT_MS_MAX);
  opened.on('pageerror', (error) => troubles.push(`exception: ${error.message}`));
  opened.on('console', (message) => message.type() === 'error' && troubles.push(`console: ${message.text()}`));
  return opened;
}

const firstItem = async <T>(path: string, at: Platform): Promise<T | undefined> =>
  (await at.get<{ items: readonly T[] }>(path)).items[0];

describe.runIf(executablePath)('the console in a browser', { timeout: 2 * WAIT_MS_MAX }, () => {
  beforeAll(async () => {
    platform = await Platform.up(directory, { args: DEMO, port: await lastingPort() });
    browser = await launchBrowser();
    page = await openPage(1440, 900);
    // A case with calls behind it is what the way through the views needs.
    await until(() => firstItem('/training/v1/cases?stage=assigned&limit=1', platform));
  }, 2 * WAIT_MS_MAX);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  }, 60_000);

  it('shows what happens now, marked as a demo, and fits on the wall without scrolling', async () => {
    await page.goto(platform.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText(/Demo · clock × \d/).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('list').filter({ hasText: 'Mean score' }).first().waitFor();
    const done = page.getByRole('button', { name: /^Done/ });
    const before = await done.textContent();
    await until(async () => (await done.textContent()) !== before); // without a reload
    expect(await page.evaluate<boolean>('document.documentElement.scrollHeight <= innerHeight')).toBe(true);
  });

  it('opens a figure to what it is made of', async () => {
    await page.getByRole('button', { name: /^Mean score/ }).click();
    await page.getByText('Formula: docs/metrics.md, “meanScore”').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Formula: docs/metrics.md, “meanScore”').waitFor({ state: 'hidden' });
  });

  it('leads from a stage to a case, its calls, the proof, and the agent', async () => {
    await page
      .getByRole('region', { name: 'The loop' })
      .getByRole('link', { name: /^assigned/ })
      .click();
    await page.waitForURL(/\/cases\?stage=assigned/);
    await page.getByRole('table', { name: 'Cases' }).getByRole('link').first().click();
    await page.waitForURL(/\/cases\/[0-9a-f-]{36}/);
    await page.getByRole('heading', { level: 1, name: /^Opened because/ }).waitFor();

    await page.getByRole('region', { name: 'The calls that led to it' }).getByRole('link').nth(1).click();
    await page.waitForURL(/\/calls\/[0-9a-f-]{36}\?q=/);
    const question = page.locator('button[data-question][aria-pressed="true"]');
    await question.waitFor();
    expect(await question.getAttribute('data-value')).toBe('no');

    const greeting = page.locator('button[data-question][data-value="yes"]', { hasText: 'transcript' }).first();
    await greeting.click();
    const proof = page.locator('[data-proof="yes"]').first();
    await proof.waitFor();
    expect(await page.locator('mark').count()).toBeGreaterThan(0);

    await proof.click(); // the segment: now the questions that rest on it
    await page.waitForURL(/[?&]s=\d+/);
    await page
      .getByText(/^Evidence for \d+ questions?/)
      .first()
      .waitFor();

    await page.goBack();
    await page.waitForURL(/\/cases\/[0-9a-f-]{36}/);
    await page.goForward();
    await page.waitForURL(/\/calls\//);
    await page.getByRole('main').getByRole('link').nth(1).click(); // Agents / this one
    await page.waitForURL(/\/agents\//);
    await page.getByRole('table', { name: 'Competencies' }).waitFor();
  });

  it('is worked by keyboard, and lists its keys', async () => {
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('c');
    await page.waitForURL(/\/cases/);
    await page.keyboard.press('w');
    await page.waitForURL((url) => url.pathname === '/');
  });

  it('speaks Chinese, also under a link that says so', async () => {
    await page.getByRole('button', { name: 'Switch to Chinese' }).click();
    await page.getByRole('heading', { name: '质检—辅导闭环' }).waitFor();
    expect(new URL(page.url()).searchParams.get('lang')).toBe('zh');
    await page.getByRole('link', { name: '坐席', exact: true }).click();
    await page.waitForURL(/\/agents\?.*lang=zh/);
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.goto(`${platform.url}/cases?lang=en`);
    await page.getByRole('link', { name: 'Wall' }).waitFor();
  });

  it('has everything within 390 px', async () => {
    const phone = await openPage(390, 844);
    const found = await until(() =>
      firstItem<{ caseId: string; agentId: string }>('/training/v1/cases?limit=1', platform),
    );
    const call = await firstItem<{ callId: string }>('/qa/v1/evaluations?limit=1', platform);
    const views = [
      '/',
      '/agents',
      `/agents/${found.agentId}`,
      '/cases',
      `/cases/${found.caseId}`,
      `/calls/${call?.callId}`,
    ];
    for (const language of ['en', 'zh'])
      for (const view of views) {
        await phone.goto(`${platform.url}${view}?lang=${language}`);
        await phone.getByRole('heading', { level: 1 }).waitFor();
        const width = await phone.evaluate<number>('document.documentElement.scrollWidth');
        expect(width, `${view} in ${language}`).toBeLessThanOrEqual(390);
      }
    await phone.context().close();
  });

  it('has had no error so far', () => {
    expect(troubles).toEqual([]);
  });

  it('says that the connection is lost, and goes on by itself after a restart', async () => {
    await page.goto(`${platform.url}/?lang=en`);
    await page.getByText('Live', { exact: true }).waitFor();
    await platform.kill();
    await page.getByText(/^Connection lost at/).waitFor();
    const done = page.getByRole('button', { name: /^Done/ });
    const before = await done.textContent(); // still there

    platform = await Platform.up(directory, { args: DEMO, port: platform.port });
    await page.getByText('Live', { exact: true }).waitFor();
    await until(async () => (await done.textContent()) !== before);
    // The browser tells of every attempt while nobody answered.
    expect(troubles.filter((trouble) => !/net::ERR_|status of 503/.test(trouble))).toEqual([]);
  });
});
