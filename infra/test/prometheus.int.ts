/** A real Prometheus with our rules looks at a real platform, and every query of the dashboard and of the alerts finds something there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIGURE_IDS } from '@coachloop/contracts';
import { freePort } from '@coachloop/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cleanUp, coachloop, platform, ROOT, run, start, temporaryFolder, until } from './process.ts';

const FOLDER = join(ROOT, 'infra/prometheus');
const required = (process.env.COACHLOOP_TEST_REQUIRE ?? '').split(',').includes('prometheus');
const there = await run('promtool', ['--version']).then(
  () => true,
  () => false,
);
if (!there && !required)
  process.stderr.write(
    'NOTICE: there is no Prometheus (Debian: prometheus); rules and dashboard are not tested here.\n',
  );

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}
const { groups } = parse(readFileSync(join(FOLDER, 'alerts.yml'), 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(readFileSync(join(ROOT, 'infra/grafana/dashboards/coachloop.json'), 'utf8')) as {
  panels: Panel[];
};
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** Unknown figures are left out. */
const SOMETIMES = new Set(
  FIGURE_IDS.map((id) => `coachloop_${id.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`),
);

interface Found {
  readonly names: readonly string[];
}
interface Fixed {
  readonly labels: Readonly<Record<string, string>>;
}

/** Our configuration with one process in place of the names of containers, looking often. */
function configFor(target: string): string {
  const { scrape_configs } = parse(readFileSync(join(FOLDER, 'prometheus.yml'), 'utf8')) as {
    scrape_configs: Record<string, unknown>[];
  };
  const file = join(temporaryFolder(), 'prometheus.yml');
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(FOLDER, 'alerts.yml')],
    // What the DNS would tell of a container, so that it is relabelled as it would be there.
    scrape_configs: scrape_configs.map(({ dns_sd_configs: found, static_configs: fixed, ...rest }) => ({
      ...rest,
      static_configs: [
        ...(found as Found[]).map(({ names: [name] }) => ({ targets: [target], labels: { __meta_dns_name: name } })),
        ...((fixed ?? []) as Fixed[]).map(({ labels }) => ({ targets: [target], labels })),
      ],
    })),
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  return file;
}

afterAll(cleanUp);

it('each alert names an entry of the runbook', () => {
  const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
  const anchors = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(' ', '-'),
  );
  expect(rules.length).toBeGreaterThan(0);
  for (const { annotations } of rules) {
    const [page, anchor] = annotations.runbook.split('#');
    expect(page).toBe('docs/runbook.md');
    expect(anchors).toContain(anchor);
  }
});

describe.skipIf(!there && !required)('Prometheus', () => {
  it('takes the configuration and the rules', async () => {
    expect(await run('promtool', ['check', 'config', join(FOLDER, 'prometheus.yml')])).toMatchObject({ code: 0 });
  });

  it('raises the alerts when it should, and only then', async () => {
    const { code, stdout, stderr } = await run('promtool', ['test', 'rules', join(FOLDER, 'alerts.test.yml')]);
    expect(stdout + stderr).toContain('SUCCESS');
    expect(code).toBe(0);
  });

  describe('looking at a platform', () => {
    let prometheus = '';
    const ask = async (expr: string) => {
      const query = expr.replaceAll('$__rate_interval', '30s');
      const answer = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data, error } = (await answer.json()) as { data?: { result: Sample[] }; error?: string };
      if (!data) throw new Error(`${query}: ${error}`);
      return data.result;
    };
    const finds = async (expr: string) => (await ask(expr)).length > 0;

    beforeAll(async () => {
      const url = await platform();
      const subscribed = await fetch(`${url}/notification/v1/webhooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify({ url: `http://127.0.0.1:${await freePort()}/`, types: ['*'], from: 'start' }),
      });
      expect(subscribed.status).toBe(201);
      const port = await freePort();
      const storage = `--storage.tsdb.path=${temporaryFolder()}`;
      const config = `--config.file=${configFor(new URL(url).host)}`;
      start('prometheus', [config, storage, `--web.listen-address=127.0.0.1:${port}`]);
      prometheus = `http://127.0.0.1:${port}`;
      const ready = () =>
        fetch(`${prometheus}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(ready);
      const load = ['simulate', '--agents', '6', '--seed', '7', '--url', url];
      expect(await coachloop([...load, '--calls', '60'])).toMatchObject({ code: 0 });
      await until(() => finds('coachloop_events_total'));
      // Rates need two looks with something between them.
      expect(await coachloop([...load, '--calls', '300'])).toMatchObject({ code: 0 });
      await until(() => finds('sum(rate(coachloop_events_total[30s])) > 0'));
      await until(() => finds('coachloop_cases'));
    }, 120_000);

    it('sees both jobs', async () => {
      const processes = (await ask('up == 1')).map(({ metric }) => `${metric.job}/${metric.process}`);
      expect(processes.sort()).toEqual([
        'coachloop-processes/call-ingest',
        'coachloop-processes/console',
        'coachloop/live-metrics',
      ]);
    });

    it('leaves the labels that figures have of their own as they are', async () => {
      const handled = await ask('coachloop_handled_total{process="console"}');
      expect(handled.map(({ metric }) => metric.service)).toContain('qa-scoring');
    });

    /** Those of which a platform with nothing but old calls has no sample are known by their names. */
    const missing = async (expr: string) => {
      const metrics = [...new Set(expr.match(/\b(up|(coachloop|process|nodejs)_\w+)\b/g))];
      const found = await Promise.all(metrics.map(finds));
      return metrics.filter((metric, i) => !found[i] && !SOMETIMES.has(metric));
    };

    it.each(queries)('knows what "%s" asks for, and shows it', async (_, expr) => {
      expect(await missing(expr)).toEqual([]);
      const isSometimes = [...SOMETIMES].some((metric) => expr.includes(metric));
      if (isSometimes) await ask(expr);
      else expect(await until(() => finds(expr), 20)).toBe(true);
    });

    it.each(rules.map(({ alert, expr }) => [alert, expr] as const))('knows what %s asks for', async (_, expr) => {
      expect(await missing(expr)).toEqual([]);
      await ask(expr);
    });
  });
});
