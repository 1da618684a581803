/** The guide to events, followed literally: its commands run, its code verifies what really comes, its table is complete. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PUBLIC_TOPICS, TOPICS } from '@coachloop/contracts';
import { Webhook } from 'standardwebhooks';
import { expect, test, vi } from 'vitest';
import { memoryAdapters, publish, started, startPlatform, startReceiver } from './given.ts';

const guide = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code ?? '');
const hasCurl = ['/usr/bin/curl', '/bin/curl', '/usr/local/bin/curl'].some((file) => existsSync(file));

test('every topic and type is in its table', () => {
  for (const topic of PUBLIC_TOPICS) {
    const row = guide.split('\n').find((line) => line.startsWith(`| \`${topic}\``)) ?? '';
    const listed = [...(row.split('|')[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => type);
    expect(listed.toSorted()).toEqual(Object.keys(TOPICS[topic].events).toSorted());
  }
});

test.skipIf(!hasCurl)(
  'its commands work as they stand, and its code knows a true event from a false one (needs curl)',
  async () => {
    const adapters = await memoryAdapters();
    const running = await startPlatform(adapters);
    const to = await startReceiver();
    const here = (text: string) =>
      text.replaceAll('http://127.0.0.1:8080', running.url).replaceAll('http://127.0.0.1:9999/coachloop', to.url);
    try {
      await publish(adapters.log, started(20));
      const answers: string[] = [];
      for (const code of blocks('sh')) answers.push((await promisify(execFile)('sh', ['-ec', here(code)])).stdout);
      const [history = '', page = '', , rest = '', created = '', list = ''] = answers;
      expect(history.trim().split('\n')).toHaveLength(20);
      expect(JSON.parse(page).items).toHaveLength(20);
      expect(rest.trim().split('\n')).toHaveLength(5);
      const { secret, id } = JSON.parse(created);
      expect(JSON.parse(list).items).toMatchObject([{ id, description: 'LMS' }]);
      await vi.waitFor(() => expect(to.ids()).toHaveLength(20));
      const file = new URL('./from-the-guide.mjs', import.meta.url);
      writeFileSync(file, blocks('js')[0] ?? '');
      const { receive } = await import(fileURLToPath(file)).finally(() => rmSync(file));
      const seen = new Set<string>();
      for (const { headers, body } of [...to.received, ...to.received]) receive(headers, body, secret, seen);
      expect(seen.size).toBe(20);
      const [first] = to.received;
      expect(() => receive(first?.headers, `${first?.body} `, secret, seen)).toThrow();
      expect(() =>
        new Webhook(`whsec_${'A'.repeat(43)}=`).verify(first?.body ?? '', first?.headers as Record<string, string>),
      ).toThrow();
    } finally {
      await running.platform.stop();
      await to.stop();
      await adapters.close();
    }
  },
);
