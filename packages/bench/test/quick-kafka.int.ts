/** The bench on a real broker in small: what it says has the right shape. Times are never judged here. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaOrigin, mongoOrigin } from '@coachloop/servers';
import { afterAll, expect, test } from 'vitest';
import { readReport } from '../src/report/report.ts';
import { suiteOf } from '../src/suite.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-kafka-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Servers of its own: the bench deletes topics, and others may be using those that the environment names.
const { KAFKA_BROKERS, MONGODB_URI, ...env } = process.env;
const available = (await kafkaOrigin(env)) !== undefined && (await mongoOrigin(env)) !== undefined;
if (!available) console.error('Notice: neither Docker nor a JDK 17: the bench on Kafka is not tried');

test.skipIf(!available)(
  '--kafka --quick measures the loop against the bare library and one event at a time, and commands to the database',
  { timeout: 600_000 },
  () => {
    const file = join(folder, 'kafka.json');
    const words = ['--kafka', '--quick', '--only', 'kafka,mongo', '--calls', '30', '--json', file];
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder, encoding: 'utf8', env });
    expect(stderr).toContain('mongo: round 1 of 1');
    expect(status).toBe(0);
    const { measures } = readReport(file);
    expect(measures.map(({ name }) => name)).toEqual(['kafka', 'mongo']);
    for (const { name, rows } of measures) {
      const spec = suiteOf(true).measures.find((measure) => measure.name === name);
      expect(rows.map(({ key }) => key)).toEqual(spec?.rows.map(({ key }) => key));
      for (const { figure } of rows) expect(figure.median).toBeGreaterThan(0);
    }
    // Counted, so true at any speed: a batch is loaded and saved at once.
    const commands = measures.at(-1)?.rows.find(({ key }) => key === 'loop');
    expect(commands?.ratio?.median).toBeLessThan(1);
  },
);
