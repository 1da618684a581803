/** docker-compose.yml against what the platform really takes. Whether an engine takes it is tested where there is one (.github/workflows). */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cleanUp, coachloop, ROOT, temporaryFolder } from './process.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
const all = Object.entries(compose.services);
const ours = all.filter(([, { image }]) => image.startsWith('coachloop:'));
const processes = ours.filter(([, { command }]) => command?.[0] === 'service');

afterAll(cleanUp);

describe('docker-compose.yml', () => {
  it('has each service of the platform, by its own name', async () => {
    const { stdout } = await coachloop(['service', '--help']);
    for (const [name, { command }] of processes) expect(command).toEqual(['service', name]);
    const known = stdout.match(/\b(console|[a-z]+-(ingest|scoring|assignment|metrics)|evaluation|notification)\b/g);
    expect(new Set(processes.map(([name]) => name))).toEqual(new Set(known));
  });

  it.each(ours)('gives %s settings that it takes', { timeout: 60_000 }, async (name, { command, environment }) => {
    const key = join(temporaryFolder(), 'customer.key');
    writeFileSync(key, 'a'.repeat(64));
    const given = Object.entries(environment ?? {}).map(([variable, value]) => {
      const filled = String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');
      return [variable, variable === 'COACHLOOP_CUSTOMER_KEY_FILE' ? key : filled];
    });
    const env = { PATH: process.env.PATH, HOST: '0.0.0.0', PORT: '8080', ...Object.fromEntries(given) };
    const of = command?.[0] === 'service' ? [name] : [];
    expect(await coachloop(['config', ...of, '--json'], env)).toMatchObject({ code: 0, stderr: '' });
  });

  it('tells every process where the others answer', () => {
    const others = processes.map(([name]) => name).filter((name) => name !== 'console');
    for (const [, { environment }] of processes) {
      const places = String(environment?.COACHLOOP_SERVICES).split(',');
      expect(places.toSorted()).toEqual(others.map((name) => `${name}=http://${name}:8080`).toSorted());
    }
  });

  it('publishes nothing beyond this machine', () => {
    const ports = all.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('has Kafka keep the places of groups for the year that the documents ask for', () => {
    const minutes = compose.services.kafka?.environment?.KAFKA_OFFSETS_RETENTION_MINUTES;
    expect(minutes).toBe(365 * 24 * 60);
    expect(readFileSync(join(ROOT, 'docs/moving-to-kafka.md'), 'utf8')).toContain(
      `offsets.retention.minutes=${minutes}`,
    );
  });

  it('refers to nothing that is not there', () => {
    for (const [, service] of all) {
      const needs = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
      for (const needed of needs) expect(Object.keys(compose.services)).toContain(needed);
      for (const volume of service.volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('.')) expect(existsSync(join(ROOT, from)), from).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(from);
      }
    }
  });

  it('has every process looked at by Prometheus, and missed when it is gone', () => {
    const config = readFileSync(join(ROOT, 'infra/prometheus/prometheus.yml'), 'utf8');
    const alerts = readFileSync(join(ROOT, 'infra/prometheus/alerts.yml'), 'utf8');
    for (const [name] of processes) {
      expect(config).toMatch(new RegExp(`\\b${name}\\b`));
      expect(alerts).toContain(`absent(up{job="coachloop-processes", process="${name}"} == 1)`);
    }
  });
});

describe('Dockerfile', () => {
  const lines = readFileSync(join(ROOT, 'infra/Dockerfile'), 'utf8').split('\n');
  it('copies what is there', () => {
    const copied = lines.flatMap((line) => /^COPY (?!--from)(\S+) /.exec(line)?.[1] ?? []);
    expect(copied.length).toBeGreaterThan(0);
    for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });
  it('has the guides that problems refer to, and is sent what it copies', () => {
    const copied = lines.flatMap((line) => /^COPY (?!--from)(\S+) /.exec(line)?.[1] ?? []);
    expect(copied).toContain('docs');
    const ignore = readFileSync(join(ROOT, 'infra/Dockerfile.dockerignore'), 'utf8').split('\n');
    for (const path of copied.filter((each) => each !== '.')) expect(ignore).toContain(`!${path}`);
  });
  it('does not run as root', () => {
    expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
  });
});
